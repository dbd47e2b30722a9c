package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StepPaceTest {
    private static final int MAX = 256;
    private static final long MILLI = 1_000_000;

    private final StepPace pace = new StepPace(Optional.of(Duration.ofMillis(20)));

    @Test
    void knowsNoBoundBeforeItHasSeenAStep() {
        assertThat(pace.tokens(3, MAX)).isEqualTo(MAX);
    }

    @Test
    void fillsTheTime() {
        pace.ran(200, 40 * MILLI);
        assertThat(pace.tokens(3, MAX)).isEqualTo(100);
    }

    @Test
    void letsAFastModelHaveWholeSteps() {
        pace.ran(200, MILLI);
        assertThat(pace.tokens(3, MAX)).isEqualTo(MAX);
    }

    @Test
    void aSlowModelStillReadsSomeOfItsPrompts() {
        pace.ran(200, 4000 * MILLI);
        assertThat(pace.tokens(3, MAX)).isEqualTo(3 + StepPace.LEAST_PROMPT);
        assertThat(pace.tokens(30, 32)).isEqualTo(32);
    }

    @Test
    void aHeldUpStepDoesNotCountForMore() {
        pace.ran(200, 20 * MILLI);
        pace.ran(200, 2000 * MILLI);
        // 100 us a token, then 0.2 of twice that
        assertThat(pace.tokens(3, MAX)).isEqualTo(166);
    }

    @Test
    void smallStepsSayNothing() {
        pace.ran(1, 20 * MILLI);
        assertThat(pace.tokens(3, MAX)).isEqualTo(MAX);
    }

    @Test
    void withoutALimitThereIsNone() {
        StepPace free = new StepPace(Optional.empty());
        free.ran(200, 4000 * MILLI);
        assertThat(free.tokens(3, MAX)).isEqualTo(MAX);
    }
}
