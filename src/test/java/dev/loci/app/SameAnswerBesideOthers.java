package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// The default model answers a request with the same bytes alone and beside 15 others.
abstract class SameAnswerBesideOthers {
    private static final int REQUESTS = 16;
    private static final List<String> TEXTS = List.of(
            "Once upon a time",
            "The river Thames flows through the city of London, and",
            "In 1492",
            "What is the capital of Italy? Please answer in one short sentence, and say in which country Rome is.");

    private record Request(String path, String body) {}

    private static Request request(int i) {
        boolean chat = i % 2 == 0;
        String text = "\"" + TEXTS.get(i / 4) + "\"";
        String sampling =
                i % 3 == 0 ? "\"temperature\":0" : "\"temperature\":0." + (5 + i % 5) + ",\"top_p\":0.95,\"seed\":" + i;
        String rest = ",\"max_tokens\":" + (16 + i) + ",\"stream\":" + (i % 4 < 2) + "," + sampling;
        return chat
                ? new Request(
                        "/v1/chat/completions",
                        "{\"messages\":[{\"role\":\"user\",\"content\":" + text
                                + "}],\"logprobs\":true,\"top_logprobs\":3" + rest + "}")
                : new Request("/v1/completions", "{\"prompt\":" + text + ",\"logprobs\":3" + rest + "}");
    }

    /// The answer without what differs from answer to answer.
    private static String answer(Request request) {
        Response response = Posts.post(request.path(), request.body());
        String body = response.asString();
        assertThat(response.statusCode()).as(body).isEqualTo(200);
        assertThat(body).contains("logprobs\":{", "finish_reason\":\"").doesNotContain("\"error\"");
        return body.replaceAll("cmpl-[0-9a-f]{24}", "cmpl-ID").replaceAll("\"created\":\\d+", "\"created\":0");
    }

    @Test
    void bitByBit() throws Exception {
        List<String> alone = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            alone.add(answer(request(i)));
        }
        CyclicBarrier start = new CyclicBarrier(REQUESTS);
        List<Future<String>> beside = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < REQUESTS; i++) {
                Request request = request(i);
                beside.add(clients.submit(() -> {
                    start.await();
                    return answer(request);
                }));
            }
        }
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(beside.get(i).get()).as(request(i).body()).isEqualTo(alone.get(i));
        }
    }
}
