package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
final class MetricsEndpointTest {
    private static final String COMPLETIONS = "/v1/completions";
    private static final int REQUESTS = 2000;

    /// What routers, autoscalers and dashboards made for vLLM read.
    private static final List<String> VLLM = List.of(
            "vllm:num_requests_running",
            "vllm:num_requests_waiting",
            "vllm:kv_cache_usage_perc",
            "vllm:cache_config_info",
            "vllm:prompt_tokens_total",
            "vllm:generation_tokens_total",
            "vllm:request_success_total",
            "vllm:num_preemptions_total",
            "vllm:prefix_cache_queries_total",
            "vllm:prefix_cache_hits_total",
            "vllm:time_to_first_token_seconds_bucket",
            "vllm:inter_token_latency_seconds_bucket",
            "vllm:time_per_output_token_seconds_bucket",
            "vllm:e2e_request_latency_seconds_bucket",
            "vllm:request_queue_time_seconds_bucket",
            "vllm:request_prefill_time_seconds_bucket",
            "vllm:request_decode_time_seconds_bucket",
            "vllm:request_inference_time_seconds_bucket",
            "vllm:request_prompt_tokens_bucket",
            "vllm:request_generation_tokens_bucket",
            "vllm:request_params_n_bucket",
            "vllm:request_params_max_tokens_bucket",
            "vllm:iteration_tokens_total_bucket");

    @TestHTTPResource("/")
    URI server;

    private Requests requests;

    @BeforeEach
    void connect() {
        requests = new Requests(server);
    }

    private Scrape scrape() {
        HttpResponse<String> response = requests.get("/q/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
        return Scrape.parse(response.body());
    }

    /// An answer may be with its client before all that it was is counted: figures of the engine are whole once it
    /// rests.
    private Scrape atRest() {
        return Requests.until(this::scrape, scrape -> scrape.sum("loci_engine_requests_running") == 0);
    }

    /// What requests were is told in the background.
    private Scrape told(String name) {
        return Requests.until(this::scrape, scrape -> scrape.has(name));
    }

    private void complete(String extra) {
        HttpResponse<String> response =
                requests.post(COMPLETIONS, "{\"prompt\":\"Once upon\",\"max_tokens\":3" + extra + "}", Map.of());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    @Test
    void vllmsNamesSayWhatLocisSay() {
        complete("");
        Scrape scrape = told("vllm:request_generation_tokens_count");
        assertThat(VLLM)
                .allSatisfy(name -> assertThat(scrape.has(name)).as(name).isTrue());
        assertThat(scrape.sum("vllm:generation_tokens_total"))
                .isPositive()
                .isEqualTo(scrape.sum("loci_engine_tokens_total", "kind=\"generated\""));
        assertThat(scrape.sum("vllm:e2e_request_latency_seconds_count"))
                .isPositive()
                .isEqualTo(scrape.sum("gen_ai_server_request_duration_seconds_count")
                        - scrape.sum("gen_ai_server_request_duration_seconds_count", "error_type="));
        assertThat(scrape.sum("vllm:request_success_total"))
                .isPositive()
                .isEqualTo(scrape.sum("loci_generations_finished_total"));
        assertThat(scrape.samples().keySet().stream().filter(name -> name.startsWith("vllm:")))
                .allSatisfy(name -> assertThat(name).contains("model_name=\"loci-mini\""));
        assertThat(scrape.sum("vllm:cache_config_info", "block_size=\"16\"")).isEqualTo(1);
    }

    @Test
    void bucketsAreCumulativeAndEndWithTheCount() {
        complete("");
        Scrape scrape = told("gen_ai_server_time_to_first_token_seconds_count");
        String name = "gen_ai_server_time_to_first_token_seconds";
        double last = 0;
        for (String bound : List.of("0.001", "0.005", "0.01", "0.02", "0.5", "10", "+Inf")) {
            double count = scrape.sum(name + "_bucket", "le=\"" + bound + "\"");
            assertThat(count).as(bound).isGreaterThanOrEqualTo(last);
            last = count;
        }
        assertThat(last).isPositive().isEqualTo(scrape.sum(name + "_count"));
    }

    @Test
    void whatTheEngineHasDoneIsReadWhenItIsAskedFor() {
        complete("");
        Scrape before = atRest();
        complete(",\"ignore_eos\":true");
        Scrape after = atRest();
        assertThat(after.sum("loci_engine_tokens_total", "kind=\"generated\"")
                        - before.sum("loci_engine_tokens_total", "kind=\"generated\""))
                .isEqualTo(3);
        for (String grows : List.of(
                "loci_engine_step_duration_seconds_sum",
                "loci_engine_step_tokens_count",
                "loci_engine_token_gap_seconds_count",
                "loci_table_hits_total",
                "loci_table_unique_rows_total",
                "loci_table_read_bytes_total",
                "loci_table_gather_time_seconds_total",
                "loci_engine_weight_read_bytes_total",
                "process_cpu_time_seconds_total")) {
            assertThat(after.sum(grows)).as(grows).isGreaterThan(before.sum(grows));
        }
        for (String stage : List.of("embed", "dense", "attention", "memory_read", "memory_add", "logits", "sampling")) {
            assertThat(after.sum("loci_engine_stage_time_seconds_total", "stage=\"" + stage + "\""))
                    .as(stage)
                    .isPositive();
        }
        assertThat(after.sum("loci_kernels_info", "kernels=\"native/", "binding=\"panama\""))
                .isEqualTo(1);
        assertThat(after.sum("loci_table_residency_ratio", "table=\"0\"")).isBetween(0.0, 1.0);
    }

    @Test
    void tokensThatAGrammarLeftNoChoiceOfAreCountedApart() {
        Scrape before = atRest();
        complete(",\"ignore_eos\":true");
        Scrape drawn = atRest();
        // no token of the vocabulary has two of these bytes
        String chain = "\\u0001\\u0002".repeat(4);
        HttpResponse<String> answer = requests.post(
                COMPLETIONS, "{\"prompt\":\"a\",\"guided_choice\":[\"" + chain + "\"],\"max_tokens\":20}", Map.of());
        assertThat(Requests.tree(answer.body()).at("/choices/0/text").textValue())
                .isEqualTo("\u0001\u0002".repeat(4));
        Scrape forced = atRest();
        String name = "loci_engine_tokens_forced_total";
        assertThat(drawn.sum(name) - before.sum(name)).isZero();
        assertThat(forced.sum(name) - drawn.sum(name)).isEqualTo(8);
    }

    @Test
    void memoryOutsideTheHeapAndMappedMemoryAreApart() {
        Scrape scrape = scrape();
        assertThat(scrape.sum("jvm_memory_used_bytes", "jvm_memory_type=\"heap\""))
                .isPositive();
        assertThat(scrape.sum("jvm_memory_used_bytes", "jvm_memory_type=\"non_heap\""))
                .isPositive();
        assertThat(scrape.sum("jvm_buffer_memory_used_bytes", "pool_name=\"mapped\""))
                .isGreaterThan(50_000_000);
        assertThat(scrape.has("jvm_buffer_memory_used_bytes{jvm_buffer_pool_name=\"direct\"}"))
                .isTrue();
        assertThat(scrape.sum("loci_process_memory_bytes", "kind=\"anonymous\""))
                .isPositive();
        assertThat(scrape.sum("loci_process_memory_bytes", "kind=\"file\"")).isPositive();
        assertThat(scrape.sum("loci_kv_memory_bytes")).isPositive();
    }

    @Test
    void nothingThatClientsSendMakesSeries() {
        Random random = new Random(5);
        request(random, true);
        request(random, false);
        requests.get("/no/such/path");
        complete(",\"user\":\"someone\"");
        Set<String> before = names(told("gen_ai_client_token_usage_count"));
        for (int i = 0; i < REQUESTS; i++) {
            request(random, i % 2 == 0);
            if (i % 10 == 0) {
                requests.get("/" + Long.toHexString(random.nextLong()) + "/" + i);
            }
        }
        assertThat(names(scrape())).isEqualTo(before);
    }

    /// A request that is refused, so that thousands of them take little time.
    private void request(Random random, boolean otherModel) {
        String name = Long.toHexString(random.nextLong());
        String body = otherModel
                ? "{\"model\":\"" + name + "\",\"prompt\":\"a\",\"user\":\"" + name + "\"}"
                : "{\"prompt\":\"a\",\"" + name + "\":1,\"user\":\"" + name + "\"}";
        HttpResponse<String> response = requests.post(
                COMPLETIONS,
                body,
                Map.of(
                        "authorization",
                        "Bearer " + name,
                        "user-agent",
                        name,
                        "x-" + name,
                        name,
                        "x-forwarded-proto",
                        name,
                        "forwarded",
                        "proto=" + name,
                        "tracestate",
                        "v=" + name));
        assertThat(response.statusCode()).isIn(400, 404);
    }

    /// Series; those that begin with the machine itself (collections of garbage, memory pools) may come by themselves.
    private static Set<String> names(Scrape scrape) {
        return scrape.samples().keySet().stream()
                .filter(name -> !name.startsWith("jvm_"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
