package dev.loci.api.openai;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;

/// `/q/openapi`: the API as an OpenAPI document, YAML as it is written or the same as JSON. Read and converted when
/// it is first asked for: no start waits for a document that hardly any client reads.
@Path("/q/openapi")
public final class OpenApiResource {
    private static final String YAML = "application/yaml";

    /// Lazily, as classes are.
    private static final class Yaml {
        static final byte[] BYTES = read();

        private static byte[] read() {
            try (InputStream document = OpenApiResource.class.getResourceAsStream("/META-INF/openapi.yaml")) {
                if (document == null) {
                    throw new IllegalStateException("META-INF/openapi.yaml: expected in the application, found none");
                }
                return document.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Json {
        static final byte[] BYTES = convert();

        private static byte[] convert() {
            try {
                return new JsonMapper().writeValueAsBytes(new YAMLMapper().readTree(Yaml.BYTES));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// @param format `json` or `yaml`; without it the `Accept` header decides, and YAML where that names neither
    @GET
    @RunOnVirtualThread
    public Response document(@QueryParam("format") Optional<String> format, @Context HttpHeaders headers) {
        return switch (format.map(value -> value.toLowerCase(Locale.ROOT)).orElseGet(() -> accepted(headers))) {
            case "json" -> Response.ok(Json.BYTES, MediaType.APPLICATION_JSON).build();
            case "yaml" -> Response.ok(Yaml.BYTES, YAML + ";charset=UTF-8").build();
            default -> throw ApiException.invalid("format", "json or yaml", format.orElseThrow());
        };
    }

    /// The first of the two that the client names.
    private static String accepted(HttpHeaders headers) {
        for (MediaType type : headers.getAcceptableMediaTypes()) {
            if (type.isCompatible(MediaType.valueOf(YAML))) {
                return "yaml";
            }
            if (type.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
                return "json";
            }
        }
        return "yaml";
    }
}
