package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostNameTest {
    private static final String HOST = "{\"type\":\"string\",\"format\":\"hostname\"}";

    private static boolean accepts(String schema, String host) {
        GrammarState state =
                Grammar.jsonSchema(schema).first().after(("\"" + host + "\"").getBytes(StandardCharsets.UTF_8));
        return state.complete();
    }

    /// Labels of 9 characters and a dot, then what is left.
    private static String host(int length) {
        return "abcdefgh9.".repeat(length / 10) + "z".repeat(length % 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HOST,
                "{\"type\":\"string\",\"format\":\"hostname\",\"maxLength\":300}",
                "{\"allOf\":[{\"type\":\"string\"},{\"format\":\"hostname\"}]}"
            })
    void has253CharactersAtMost(String schema) {
        assertThat(accepts(schema, host(253))).isTrue();
        assertThat(accepts(schema, host(254))).isFalse();
        assertThat(accepts(schema, host(251))).isTrue();
        assertThat(accepts(schema, "")).isFalse();
    }

    /// The bytes that are allowed never lead to where no name ends in time.
    @Test
    void whateverIsDrawnCanBeEnded() {
        long seed = Long.getLong("test.seed", 4711);
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            GrammarState state = Grammar.jsonSchema(HOST).first();
            int length = 0;
            while (!state.ended()) {
                BitSet bytes = state.bytes();
                // ends only where nothing else may follow
                if (bytes.cardinality() > 1) {
                    bytes.clear('"');
                }
                int[] allowed = bytes.stream().toArray();
                assertThat(allowed).as("seed " + seed).isNotEmpty();
                state = length == 0 ? state.after('"') : state.after(allowed[random.nextInt(allowed.length)]);
                length++;
            }
            assertThat(length).as("seed " + seed).isBetween(254, 255);
        }
    }
}
