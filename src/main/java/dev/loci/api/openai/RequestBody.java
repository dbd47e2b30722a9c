package dev.loci.api.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;

/// Reads the JSON object of a request, within bounds.
final class RequestBody {
    static final int MAX_BYTES = 16 << 20;
    /// Brackets, names and values. A tree takes up to a hundred bytes for each, whatever it takes in the body.
    static final int MAX_JSON_TOKENS = 1 << 21;

    private static final int MAX_DEPTH = 64;

    private static final ObjectMapper MAPPER = mapper();

    private RequestBody() {}

    private static ObjectMapper mapper() {
        ObjectMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_BYTES)
                        .maxTokenCount(MAX_JSON_TOKENS)
                        .build());
        return mapper;
    }

    static ObjectNode read(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw ApiException.request(
                    413, "request_too_large", "body: expected at most " + MAX_BYTES + " bytes, found more");
        }
        try {
            JsonNode tree = MAPPER.readTree(bytes);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw ApiException.request(
                    400, "invalid_json", "body: expected a JSON object, found " + RequestFields.kind(tree));
        } catch (StreamConstraintsException e) {
            throw ApiException.request(
                    400,
                    "invalid_json",
                    "body: expected JSON of at most " + MAX_JSON_TOKENS + " brackets, names and values, " + MAX_DEPTH
                            + " levels deep, and numbers of sane length, found more");
        } catch (JsonProcessingException e) {
            throw ApiException.request(
                    400,
                    "invalid_json",
                    "body @ byte "
                            + Math.max(
                                    0,
                                    e.getLocation() == null
                                            ? 0
                                            : e.getLocation().getByteOffset())
                            + ": expected JSON, found something else");
        }
    }
}
