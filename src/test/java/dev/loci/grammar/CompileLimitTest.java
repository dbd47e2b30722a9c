package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CompileLimitTest {
    /// Each pattern stays within the bounds of one; all of them take long.
    private static String slow(int patterns) {
        StringJoiner properties = new StringJoiner(",", "{\"type\":\"object\",\"properties\":{", "}}");
        for (int i = 0; i < patterns; i++) {
            properties.add("\"p" + i + "\":{\"type\":\"string\",\"pattern\":\"^(a|b)*a(a|b){9}" + i + "$\"}");
        }
        return properties.toString();
    }

    private static CompileLimits limits(Duration compile) {
        return new CompileLimits(1, 0, Duration.ZERO, compile);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void refusesASchemaThatTakesTooLong(int millis) {
        Grammars grammars = new Grammars(() -> Vocabularies.SMALL, limits(Duration.ofMillis(millis)));
        long start = System.nanoTime();
        assertThatThrownBy(() -> grammars.jsonSchema(slow(10_000)))
                .isInstanceOf(GrammarException.class)
                .hasMessageEndingWith(": expected a form that is made into a machine within " + millis
                        + " ms, found one that takes longer");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void refusesAnExpressionThatTakesTooLong() {
        Grammars grammars = new Grammars(() -> Vocabularies.SMALL, limits(Duration.ZERO));
        assertThatThrownBy(() -> grammars.regex("(a|b)*a(a|b){9}"))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("expected a form that is made into a machine within 0 ms");
    }

    @Test
    void takesWhatIsInTime() {
        Grammars grammars = new Grammars(() -> Vocabularies.SMALL);
        assertThat(grammars.jsonSchema(slow(3)).first().alive()).isTrue();
    }
}
