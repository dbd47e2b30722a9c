package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRow;
import dev.loci.kernel.SampleRows;
import dev.loci.kernel.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Logits are logarithms of 1, 4, 3, 2, so shares at temperature 1 are 0.1, 0.4, 0.3, 0.2.
final class ScalarSampleTest extends ScalarTestCase {
    private final float[] logits = {0, (float) Math.log(4), (float) Math.log(3), (float) Math.log(2)};
    private final SampleResults results = new SampleResults(
            arena.allocate(4, 4), arena.allocate(8, 8), arena.allocate(4 * 4, 4), arena.allocate(4 * 8, 8), 4);

    @Test
    void drawsInOrderOfId() {
        assertThat(drawn(1, 1, 0, 0, 0)).isEqualTo(0);
        assertThat(drawn(1, 1, 0, 0, 0.09)).isEqualTo(0);
        assertThat(drawn(1, 1, 0, 0, 0.11)).isEqualTo(1);
        assertThat(drawn(1, 1, 0, 0, 0.49)).isEqualTo(1);
        assertThat(drawn(1, 1, 0, 0, 0.51)).isEqualTo(2);
        assertThat(drawn(1, 1, 0, 0, 0.81)).isEqualTo(3);
    }

    @Test
    void temperatureOneHalfSquaresTheShares() {
        // 1, 16, 9, 4 of 30
        assertThat(drawn(0.5, 1, 0, 0, 0.03)).isEqualTo(0);
        assertThat(drawn(0.5, 1, 0, 0, 0.04)).isEqualTo(1);
        assertThat(drawn(0.5, 1, 0, 0, 0.57)).isEqualTo(2);
        assertThat(drawn(0.5, 1, 0, 0, 0.87)).isEqualTo(3);
    }

    @Test
    void topKDrawsBestFirst() {
        // 4 and 3 of 7
        assertThat(drawn(1, 1, 2, 0, 0.57)).isEqualTo(1);
        assertThat(drawn(1, 1, 2, 0, 0.58)).isEqualTo(2);
        assertThat(drawn(1, 1, 2, 0, 0.99)).isEqualTo(2);
    }

    @Test
    void topPTakesTheFewestThatReachIt() {
        assertThat(drawn(1, 0.39, 0, 0, 0.99)).isEqualTo(1);
        assertThat(drawn(1, 0.69, 0, 0, 0.99)).isEqualTo(2);
        assertThat(drawn(1, 0.71, 0, 0, 0.99)).isEqualTo(3);
        // within the top 2, 4 / 7 reaches 0.57
        assertThat(drawn(1, 0.57, 2, 0, 0.99)).isEqualTo(1);
    }

    @Test
    void minPIsAShareOfTheBest() {
        assertThat(drawn(1, 1, 0, 0.74, 0.99)).isEqualTo(2);
        assertThat(drawn(1, 1, 0, 0.76, 0.99)).isEqualTo(1);
        assertThat(drawn(1, 1, 0, 1, 0.99)).isEqualTo(1);
    }

    @Test
    void penaltiesAndBiasMoveTheBest() {
        // prompt 1, answer 2 2: id 1: ln 4 / 2 = 0.69; id 2: ln 3 / 2 - 2 * 0.1 - 0.05 = 0.30; id 3 stays at 0.69 - 0
        MemorySegment history = Values.i32(arena, 1, 2, 2);
        MemorySegment biases = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 0.45, 0.35);
        MemorySegment biasIds = Values.i32(arena, 2, 0);
        SampleRows rows = new SampleRows(
                List.of(new SampleRow(-1, 0, 1, 0, 0, 2, 0.05, 0.1, 0, -1, 0, 1, 2, 0, 2, 0, 1)),
                history,
                biasIds,
                biases,
                Values.i32(arena, 3));
        // id 2 reaches 0.749, above id 1 at 0.693 and id 0 at 0.35; id 3 is suppressed
        new ScalarSample().sample(Values.f32(arena, logits), 4, 4, rows, results);
        assertThat(Values.i32(results.ids(), 0)).isEqualTo(2);
    }

    @Test
    void scoresUnderTheLogitsAsTheyCame() {
        MemorySegment none = arena.allocate(0);
        SampleRows rows = new SampleRows(List.of(SampleRow.given(3, 3)), none, none, none, none);
        new ScalarSample().sample(Values.f32(arena, logits), 4, 4, rows, results);
        assertThat(results.logprobs().get(ValueLayout.JAVA_DOUBLE, 0)).isCloseTo(Math.log(0.2), within(1e-7));
        assertThat(Values.i32s(results.topIds())).containsExactly(1, 2, 3, 0);
        assertThat(results.topLogprobs().get(ValueLayout.JAVA_DOUBLE, 0)).isCloseTo(Math.log(0.4), within(1e-7));
        assertThat(results.topLogprobs().get(ValueLayout.JAVA_DOUBLE, 8)).isCloseTo(Math.log(0.3), within(1e-7));
    }

    @Test
    void takesThePaddingForNothing() {
        MemorySegment none = arena.allocate(0);
        SampleRows rows = new SampleRows(List.of(SampleRow.given(0, 0)), none, none, none, none);
        new ScalarSample().sample(Values.f32(arena, 5, Float.NaN), 2, 1, rows, results);
        assertThat(results.logprobs().get(ValueLayout.JAVA_DOUBLE, 0)).isZero();
    }

    @Test
    void refusesAnIdOfThePadding() {
        MemorySegment none = arena.allocate(0);
        SampleRows rows = new SampleRows(List.of(SampleRow.given(3, 0)), none, none, none, none);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScalarSample().sample(Values.f32(arena, logits), 4, 3, rows, results))
                .withMessage("scalar sample, row 0, given: expected -1 to 2, found 3");
    }

    private int drawn(double temperature, double topP, int topK, double minP, double draw) {
        MemorySegment none = arena.allocate(0);
        SampleRow row = new SampleRow(-1, temperature, topP, topK, minP, 1, 0, 0, draw, -1, 0, 0, 0, 0, 0, 0, 0);
        SampleRows rows = new SampleRows(List.of(row), none, none, none, none);
        new ScalarSample().sample(Values.f32(arena, logits), 4, 4, rows, results);
        return Values.i32(results.ids(), 0);
    }
}
