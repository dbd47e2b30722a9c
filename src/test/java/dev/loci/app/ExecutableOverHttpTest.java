package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.restassured.http.Method;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The native executable answers as the server on a JVM does, byte for byte.
final class ExecutableOverHttpTest {
    /// RestAssured's port and base, as they were.
    private record Target(int port, String uri) {
        static Target take() {
            return new Target(RestAssured.port, RestAssured.baseURI);
        }

        static void set(int port) {
            RestAssured.port = port;
            RestAssured.baseURI = "http://127.0.0.1";
        }

        void restore() {
            RestAssured.port = port;
            RestAssured.baseURI = uri;
        }
    }

    /// The executable with the default model, asked in the place of the server of the test's own JVM.
    private static final class Running {
        private final Target before = Target.take();
        private Program.Server server;

        void start(String name) throws IOException {
            server = Program.executable().serve(name, Map.of());
            Target.set(server.port());
        }

        void stop() {
            before.restore();
            if (server != null) {
                server.close();
            }
        }
    }

    @Nested
    final class BesideOthers extends SameAnswerBesideOthers {
        private final Running running = new Running();

        @BeforeEach
        void start() throws IOException {
            running.start("executable-beside-others");
        }

        @AfterEach
        void stop() {
            running.stop();
        }
    }

    @Nested
    final class Structured extends StructuredOutput {
        private final Running running = new Running();

        @BeforeEach
        void start() throws IOException {
            running.start("executable-structured");
        }

        @AfterEach
        void stop() {
            running.stop();
        }
    }

    @Nested
    final class Stops extends StopsOverHttp {
        private final Running running = new Running();

        @BeforeEach
        void start() throws IOException {
            running.start("executable-stops");
        }

        @AfterEach
        void stop() {
            running.stop();
        }
    }

    /// A golden model behind the executable.
    abstract static class Golden extends GoldenOverHttp {
        private final String name;
        private final Target before = Target.take();
        private final GoldenDirectory directory = new GoldenDirectory();
        private Program.Server server;

        Golden(String name) {
            super(name);
            this.name = name;
        }

        @BeforeEach
        void start() throws IOException {
            Program executable = Program.executable();
            directory.init(Map.of(GoldenDirectory.NAME, name));
            server = executable.serve("executable-" + name, directory.start());
            Target.set(server.port());
        }

        @AfterEach
        void stop() {
            before.restore();
            if (server != null) {
                server.close();
                directory.stop();
            }
        }
    }

    @Nested
    final class UltraMem extends Golden {
        UltraMem() {
            super("ultramem-v1");
        }
    }

    @Nested
    final class TwoHeadUltraMem extends Golden {
        TwoHeadUltraMem() {
            super("ultramem-v1-2head");
        }
    }

    @Nested
    final class NoMem extends Golden {
        NoMem() {
            super("no-mem");
        }
    }

    private record Request(Method method, String path, String body) {
        static Request get(String path) {
            return new Request(Method.GET, path, "");
        }

        static Request post(String path, String body) {
            return new Request(Method.POST, path, body);
        }
    }

    private static List<Request> requests() {
        List<Request> requests = new ArrayList<>(List.of(
                Request.get("/"),
                Request.get("/page/main.js"),
                Request.get("/page/css/base.css"),
                Request.get("/nowhere"),
                Request.get("/v1/models"),
                Request.get("/v1/models/loci-mini"),
                Request.get("/v1/models/other"),
                Request.get("/v1/completions"),
                Request.get("/q/health"),
                Request.get("/q/health/ready"),
                Request.get("/q/health/live"),
                Request.get("/q/health/started"),
                Request.post("/v1/completions", "{"),
                Request.post("/v1/completions", "[]"),
                Request.post("/v1/chat/completions", "{\"messages\":[]}"),
                Request.post("/v1/chat/completions", "{\"messages\":[{\"role\":\"nobody\",\"content\":\"Hi\"}]}"),
                Request.get("/q/openapi"),
                Request.post("/tokenize", "{\"prompt\":\"Gr\u00fc\u00dfe <|user|>\",\"return_token_strs\":true}"),
                Request.post("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"),
                Request.post("/detokenize", "{\"tokens\":[1,20,300]}"),
                Request.post("/v1/responses", "{\"input\":\"Hi\",\"max_output_tokens\":8,\"temperature\":0}"),
                Request.post(
                        "/v1/responses",
                        "{\"input\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_output_tokens\":8,\"temperature\":0,"
                                + "\"stream\":true,\"user\":\"u\"}"),
                Request.post("/v1/responses", "{\"input\":\"Hi\",\"store\":true}"),
                Request.post("/v1/embeddings", "{}")));
        for (String more : List.of(
                "",
                ",\"stream\":true",
                ",\"stream\":true,\"stream_options\":{\"include_usage\":true}",
                ",\"n\":3,\"temperature\":0.8,\"seed\":4",
                ",\"logprobs\":5,\"echo\":true",
                ",\"best_of\":4,\"n\":2,\"temperature\":1,\"seed\":5",
                ",\"stop\":[\"the\",\".\"]",
                ",\"stop\":\" \",\"stream\":true",
                ",\"logit_bias\":{\"20\":-100,\"30\":5.5}",
                ",\"presence_penalty\":1.5,\"frequency_penalty\":0.5",
                ",\"repetition_penalty\":1.3,\"top_k\":20,\"top_p\":0.9,\"min_p\":0.01,\"temperature\":1.2,\"seed\":6",
                ",\"ignore_eos\":true",
                ",\"max_tokens\":-1",
                ",\"temperature\":\"warm\"",
                ",\"model\":\"other\"",
                ",\"unheard_of\":1")) {
            String rest = (more.contains("max_tokens") ? "" : ",\"max_tokens\":12")
                    + (more.contains("temperature") ? "" : ",\"temperature\":0") + more + "}";
            for (String text :
                    List.of("Once upon a time", "Gr\u00fc\u00dfe, \u4f60\u597d \ud83d\ude00 <|assistant|>")) {
                requests.add(Request.post("/v1/completions", "{\"prompt\":\"" + text + "\"" + rest));
                requests.add(Request.post(
                        "/v1/chat/completions",
                        "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\""
                                + text + "\"}]" + rest.replace("\"logprobs\":5", "\"logprobs\":true")));
            }
        }
        return requests;
    }

    /// Status, type and body, without what differs from answer to answer.
    private static String answer(Request request) {
        RequestSpecification call = RestAssured.given().urlEncodingEnabled(false);
        if (request.method() == Method.POST) {
            call.contentType("application/json").body(request.body().getBytes(StandardCharsets.UTF_8));
        }
        Response response = call.request(request.method(), request.path());
        return response.statusCode() + " " + response.contentType() + "\n"
                + response.asString()
                        .replaceAll("(cmpl-|resp_|msg_)[0-9a-f]{24}", "$1ID")
                        .replaceAll("\"created(_at)?\":\\d+", "\"created$1\":0");
    }

    private static List<String> answers(Program program, String name, Map<String, String> settings) throws IOException {
        Target before = Target.take();
        try (Program.Server server = program.serve(name, settings)) {
            Target.set(server.port());
            return requests().stream().map(ExecutableOverHttpTest::answer).toList();
        } finally {
            before.restore();
        }
    }

    @Test
    void answersAsTheJvmDoes() throws IOException {
        same(Map.of());
    }

    @Test
    void rendersTemplatesAsTheJvmDoes(@TempDir Path temporary) throws IOException {
        Path model = Files.createDirectory(temporary.resolve("loci-mini"));
        try (var files = Files.list(Path.of("model-store/loci-mini"))) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(model.resolve(file.getFileName()), file.toAbsolutePath());
            }
        }
        Path template = model.resolve("chat_template.jinja");
        Path manifest = model.resolve("manifest.json");
        String known = Files.readString(manifest)
                .replace("\"bytes\" : " + Files.size(template), "\"bytes\" : SIZE")
                .replace(sha256(template), "DIGEST");
        Files.delete(template);
        Files.delete(manifest);
        Files.writeString(template, """
                {%- set ns = namespace(found=false) -%}
                {%- for message in messages -%}
                {%- if message['role'] not in ['system', 'user', 'assistant'] -%}{{ raise_exception('no such role') }}{%- endif -%}
                {%- if loop.first and message.role == 'system' -%}{%- set ns.found = true -%}{%- endif -%}
                {{ loop.index0 }}{{ loop.last }}{{ message['content'].strip() | trim | upper | length }}
                {{ message.content.split(' ')[0] | lower }}{{ message.content | replace('e', 'x') | title }}
                {{ message | tojson }}{{ message.get('name', 'nobody') }}{{ messages | length > 1 and ns.found }}
                {%- endfor -%}
                {%- if add_generation_prompt is defined and add_generation_prompt %}{{ bos_token ~ 'A' ~ (1 + 2 * 3) }}{% endif -%}
                {{ [3, 1, 2] | sort | join('-') }}{{ 'abc'[1:] }}{{ messages[-1]['role'] | default('x', true) }}
                """);
        Files.writeString(
                manifest,
                known.replace("SIZE", Long.toString(Files.size(template))).replace("DIGEST", sha256(template)));
        same(Map.of("loci.model", model.toString()));
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void same(Map<String, String> settings) throws IOException {
        Program executable = Program.executable();
        List<String> expected = answers(Program.packaged(), "packaged-over-http", settings);
        List<String> found = answers(executable, "executable-over-http", settings);
        List<Request> requests = requests();
        for (int i = 0; i < requests.size(); i++) {
            assertThat(found.get(i)).as(requests.get(i).toString()).isEqualTo(expected.get(i));
        }
    }
}
