package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrometheusTextTest {
    private static final AttributeKey<String> NAME = AttributeKey.stringKey("a.name");

    @Test
    void aHistogramHasCumulativeBuckets() {
        Family family = new Family(
                "wait_seconds",
                Family.Type.HISTOGRAM,
                "Says\nmore.",
                List.of(new Family.Buckets(
                        Attributes.of(NAME, "x\"\\\n"), List.of(0.5, 10.0), List.of(1L, 2L, 3L), 40.25)));
        assertThat(PrometheusText.of(List.of(family))).isEqualTo("""
                        # HELP wait_seconds Says\\nmore.
                        # TYPE wait_seconds histogram
                        wait_seconds_bucket{a_name="x\\"\\\\\\n",le="0.5"} 1
                        wait_seconds_bucket{a_name="x\\"\\\\\\n",le="10"} 3
                        wait_seconds_bucket{a_name="x\\"\\\\\\n",le="+Inf"} 6
                        wait_seconds_sum{a_name="x\\"\\\\\\n"} 40.25
                        wait_seconds_count{a_name="x\\"\\\\\\n"} 6
                        """);
    }

    @Test
    void numbersAreWhatPrometheusReads() {
        Family family = new Family(
                "g",
                Family.Type.GAUGE,
                "G.",
                List.of(
                        new Family.Value(Attributes.of(NAME, "a"), 3e9),
                        new Family.Value(Attributes.of(NAME, "b"), 1.5e-7),
                        new Family.Value(Attributes.of(NAME, "c"), Double.NaN),
                        new Family.Value(Attributes.empty(), Double.NEGATIVE_INFINITY)));
        assertThat(PrometheusText.of(List.of(family))).isEqualTo("""
                        # HELP g G.
                        # TYPE g gauge
                        g{a_name="a"} 3000000000
                        g{a_name="b"} 1.5E-7
                        g{a_name="c"} NaN
                        g -Inf
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "gen_ai.server.request.duration,s,HISTOGRAM,gen_ai_server_request_duration_seconds",
        "loci.engine.tokens,{token},COUNTER,loci_engine_tokens_total",
        "loci.kv.memory,By,GAUGE,loci_kv_memory_bytes",
        "loci.table.residency,1,GAUGE,loci_table_residency_ratio",
        "loci.x.total,s,COUNTER,loci_x_total_seconds_total",
        "9-lives,'',GAUGE,__lives"
    })
    void namesFollowTheUnitAndTheType(String name, String unit, Family.Type type, String expected) {
        assertThat(PrometheusNames.metric(name, unit, type)).isEqualTo(expected);
    }

    @Test
    void anAliasAddsUpWhatItsLabelsDoNotTellApart() {
        AttributeKey<String> reason = Names.REASON;
        AttributeKey<String> model = Names.RESPONSE_MODEL;
        Family finished = new Family(
                "loci_generations_finished_total",
                Family.Type.COUNTER,
                "F.",
                List.of(
                        new Family.Value(Attributes.of(reason, "stop", model, "m", Names.OPERATION_NAME, "chat"), 2),
                        new Family.Value(
                                Attributes.of(reason, "stop", model, "m", Names.OPERATION_NAME, "text_completion"), 3),
                        new Family.Value(
                                Attributes.of(reason, "cancelled", model, "m", Names.OPERATION_NAME, "chat"), 5)));
        assertThat(PrometheusText.of(VllmNames.of(Map.of(finished.name(), finished))))
                .isEqualTo("""
                        # HELP vllm:request_success_total F.
                        # TYPE vllm:request_success_total counter
                        vllm:request_success_total{engine="0",finished_reason="stop",model_name="m"} 5
                        vllm:request_success_total{engine="0",finished_reason="abort",model_name="m"} 5
                        """);
    }

    @Test
    void linuxFilesAboutTheProcessAreRead() {
        String stat = "1 (a) b) S 0 1 1 0 -1 4194560 11 12 13 14 250 75 1 2 20 0 33 0 5 1000 200 18446744073709551615";
        ProcFiles.Stat parsed = ProcFiles.stat(stat);
        assertThat(parsed).isEqualTo(new ProcFiles.Stat(2.5, 0.75, 11, 13, 33));
        assertThat(ProcFiles.status("Name:\tx\nVmRSS:\t  12 kB\nThreads:\t3\n")).isEqualTo(Map.of("VmRSS", 12288L));
    }
}
