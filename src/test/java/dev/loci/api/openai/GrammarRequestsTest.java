package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.grammar.CompileLimits;
import dev.loci.grammar.GrammarState;
import dev.loci.grammar.Grammars;
import dev.loci.grammar.TokenGrammar;
import dev.loci.grammar.Vocabulary;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Forms on their way from a request to a grammar.
@QuarkusTest
@TestProfile(FakeModel.Profile.class)
@Timeout(60)
final class GrammarRequestsTest {
    @Inject
    FakeModel model;

    @AfterEach
    void reset() {
        model.generator().setGrammars(Optional.empty());
        model.generator().playAnswer();
    }

    private Vocabulary vocabulary() {
        return Vocabulary.of(model.served().tokenizer(), FakeModel.VOCAB_SIZE);
    }

    private static Response post(String form) {
        return given().contentType("application/json")
                .body(("{\"prompt\":\"a\",\"max_tokens\":1," + form + "}").getBytes(StandardCharsets.UTF_8))
                .post("/v1/completions");
    }

    @Test
    void aGrammarThatCannotBeCompiledNowMayBeAskedForLater() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompileLimits limits = new CompileLimits(1, 0, Duration.ofSeconds(50), Duration.ofSeconds(50));
        model.generator()
                .setGrammars(Optional.of(new Grammars(
                        () -> {
                            begun.countDown();
                            await(go);
                            return vocabulary();
                        },
                        limits)));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Response> first = clients.submit(() -> post("\"guided_regex\":\"a\""));
            try {
                begun.await();
                Response refused = post("\"guided_regex\":\"b\"");
                assertThat(refused.statusCode()).isEqualTo(429);
                assertThat(refused.header("Retry-After")).isEqualTo("5");
                assertThat(refused.asString())
                        .isEqualTo(
                                "{\"error\":{\"message\":\"grammars that are being compiled: expected at most 0 that "
                                        + "wait, found more\",\"type\":\"rate_limit_error\",\"param\":null,"
                                        + "\"code\":\"grammars_full\"}}");
                assertThat(post("\"seed\":1").statusCode()).isEqualTo(200);
            } finally {
                go.countDown();
            }
            assertThat(first.get().statusCode()).isEqualTo(200);
        }
        assertThat(post("\"guided_regex\":\"b\"").statusCode()).isEqualTo(200);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// The grammar that the engine gets.
    private TokenGrammar grammar(String form) throws Exception {
        model.generator().setGrammars(Optional.of(new Grammars(this::vocabulary)));
        CompletableFuture<GenerationRequest> request = new CompletableFuture<>();
        model.generator().play((asked, sink) -> {
            request.complete(asked);
            sink.accept(new GenerationEvent.Finished(GenerationEvent.Reason.STOP, "", 1, 1, Optional.empty()));
            return () -> {};
        });
        Response response = post(form);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return request.get().grammar().orElseThrow();
    }

    private static boolean takes(TokenGrammar grammar, String text) {
        GrammarState state = grammar.first().after(text.getBytes(StandardCharsets.UTF_8));
        return state.alive() && state.complete();
    }

    @Test
    void numbersOfASchemaKeepTheirDigits() throws Exception {
        TokenGrammar constant = grammar("\"guided_json\":{\"const\":12345678901234567890.1234567}");
        assertThat(takes(constant, "12345678901234567890.1234567")).isTrue();
        assertThat(takes(constant, "12345678901234567000")).isFalse();
        TokenGrammar bounded =
                grammar("\"guided_json\":{\"type\":\"number\",\"maximum\":0.12345678901234567891,\"minimum\":0}");
        assertThat(takes(bounded, "0.12345678901234567891")).isTrue();
        assertThat(takes(bounded, "0.12345678901234567892")).isFalse();
        TokenGrammar price = grammar("\"guided_json\":{\"enum\":[1.10]}");
        assertThat(takes(price, "1.10")).isTrue();
        assertThat(takes(price, "1.1")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"const\":1e900000000}",
                "{\"const\":1e-900000000}",
                "{\"type\":\"number\",\"maximum\":1e900000000}",
                "{\"type\":\"number\",\"minimum\":-1e-900000000}",
                "{\"type\":\"number\",\"multipleOf\":1e900000000}",
                "{\"type\":\"number\",\"multipleOf\":1e-900000000}",
                "{\"enum\":[1,2],\"multipleOf\":1e900000000}",
                "{\"const\":1,\"minimum\":1e-900000000}",
                "{\"minItems\":1e900000000,\"type\":\"array\"}"
            })
    void hugeExponentsOfASchemaAreRefusedBeforeTheyAreWrittenOut(String schema) {
        model.generator().setGrammars(Optional.of(new Grammars(this::vocabulary)));
        Response response = post("\"guided_json\":" + schema);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(response.jsonPath().getString("error.param")).isEqualTo("guided_json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"temperature\":1e900000000",
                "\"top_p\":1e900000000",
                "\"logit_bias\":{\"5\":1e900000000}",
                "\"max_completion_tokens\":1e900000000",
                "\"seed\":1e900000000"
            })
    void hugeExponentsOfAParameterAreRefused(String parameter) {
        Response response = post(parameter);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
    }

    @Test
    void anExponentThatNoNumberHasIsNoJson() {
        Response response = post("\"temperature\":1e99999999999");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.jsonPath().getString("error.code")).isEqualTo("invalid_json");
    }
}
