package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BenchCommandTest {
    private static final String SHAPE = """
            {"mem_type": "ultramem_v1", "mem_insert_way": "0:1", "mem_knum": 16, "mem_kdim": 8, "mem_vdim": 16,
             "mem_knn": 2, "mem_head": 1, "d_model": 32, "n_layers": 2, "n_heads": 2, "mlp_hidden_size": 64,
             "max_sequence_length": 64, "vocab_size": 512, "rope_theta": 10000, "layer_norm_type": "rms",
             "layer_norm_with_affine": true, "layer_norm_eps": 1e-5, "attention_layer_norm": true,
             "attention_layer_norm_with_affine": true, "weight_tying": true, "eos_token_id": 0, "pad_token_id": 1}
            """;

    @TempDir
    private Path dir;

    @Test
    void measuresASmallModel() throws IOException {
        Path shape = Files.writeString(dir.resolve("shape.json"), SHAPE);
        Path model = dir.resolve("model");
        run("synth", "--config", shape.toString(), "--out", model.toString(), "--dtype", "int8");
        Path json = dir.resolve("bench.json");
        Captured captured = run(
                "bench",
                "--model",
                model.toString(),
                "--quick",
                "--runs",
                "1",
                "--threads",
                "1",
                "--table-gib",
                "0.0625",
                "--json",
                json.toString());
        assertThat(captured.err()).isEmpty();
        Set<String> names = new TreeSet<>();
        for (JsonNode record : new ObjectMapper().readTree(json.toFile())) {
            names.add(record.get("name").asText());
            assertThat(record.get("runs")).hasSize(1);
            assertThat(record.get("value").asDouble()).isNotNegative();
            assertThat(record.get("unit").asText()).isNotEmpty();
            assertThat(record.has("ratio")).isEqualTo(record.has("limit"));
        }
        assertThat(names)
                .containsExactly(
                        "attention",
                        "decode",
                        "decode share",
                        "matmul",
                        "norm",
                        "pool",
                        "prefill",
                        "prefill share",
                        "products",
                        "random rows",
                        "retrieve",
                        "sample",
                        "sequential read",
                        "swiglu");
        assertThat(captured.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --only | rows | machine, kernels, gather, forward
            --table-gib | 0 | 0.0625 to 1024
            --threads | -1 | 0 to 1024
            --runs | 0 | 1 to 1000
            --batch | 0 | 1 to 256
            --batch | 8,257 | 1 to 256
            """)
    void refusesABadOption(String option, String value, String expected) {
        Captured captured = Captured.of("", false);
        assertThat(Main.run(captured.streams(), "bench", option, value)).isEqualTo(2);
        assertThat(captured.err())
                .startsWith("loci bench: command line, " + option + ": expected " + expected + ", found ");
    }

    private static Captured run(String... args) {
        Captured captured = Captured.of("", false);
        int code = Main.run(captured.streams(), args);
        assertThat(code).as(captured.err()).isZero();
        return captured;
    }
}
