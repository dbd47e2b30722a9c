package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

public abstract class MatMulKernelContract extends KernelContract {
    private static final int[] COLUMNS = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 130, 257};
    /// What can be multiplied with what.
    private record Form(WeightType type, MatrixLayout layout, Activations activations) {}

    private static final List<Form> FORMS = List.of(
            new Form(WeightType.F32, MatrixLayout.ROWS, Activations.F32),
            new Form(WeightType.BF16, MatrixLayout.ROWS, Activations.F32),
            new Form(WeightType.INT8, MatrixLayout.ROWS, Activations.F32),
            new Form(WeightType.INT8, MatrixLayout.ROWS, Activations.INT8),
            new Form(WeightType.BF16, MatrixLayout.PANELS, Activations.F32),
            new Form(WeightType.BF16, MatrixLayout.PANELS, Activations.BF16),
            new Form(WeightType.INT8, MatrixLayout.PANELS, Activations.INT8));

    private static final int[][] ROWS_AND_TOKENS = {
        {1, 1}, {2, 3}, {3, 2}, {4, 4}, {5, 1}, {9, 5}, {17, 7}, {8, 0}, {65, 3}
    };

    @Test
    void staysWithinTheErrorBound() {
        for (Form form : FORMS) {
            if (form.activations != Activations.INT8) {
                for (int columns : COLUMNS) {
                    for (int[] shape : ROWS_AND_TOKENS) {
                        assertWithinBound(form, shape[0], columns, shape[1], false);
                        assertWithinBound(form, shape[0], columns, shape[1], true);
                    }
                }
            }
        }
    }

    private void assertWithinBound(Form form, int rows, int columns, int tokens, boolean add) {
        SampleMatrix weights = weights(form, rows, columns);
        MemorySegment x = samples.floats((long) tokens * columns, 1);
        MemorySegment before = samples.floats((long) tokens * rows, 1);
        MemorySegment actual = copy(before);
        MemorySegment expected = copy(before);
        kernels.matMul().multiply(x, tokens, weights.matrix(), form.activations, actual, add);
        reference.matMul().multiply(x, tokens, weights.matrix(), form.activations, expected, add);
        assertWithin(
                actual,
                expected,
                i -> {
                    double sum = add ? Math.abs(Values.f32(before, i)) : 0;
                    for (int c = 0; c < columns; c++) {
                        sum += Math.abs(Values.f32(x, i / rows * columns + c) * weights.at(i % rows, c));
                    }
                    return (columns + 2) * STEP * sum;
                },
                form + " " + rows + " x " + columns + ", " + tokens + " tokens, add " + add);
    }

    private SampleMatrix weights(Form form, int rows, int columns) {
        SampleMatrix weights = SampleMatrix.of(arena, samples, form.type, rows, columns);
        return form.layout == MatrixLayout.PANELS ? weights.inPanels(arena, reference) : weights;
    }

    @Test
    void int8ProductsHaveTheBitsOfTheReference() {
        for (Form form : FORMS) {
            if (form.activations == Activations.INT8) {
                for (int columns : COLUMNS) {
                    for (int[] shape : ROWS_AND_TOKENS) {
                        assertBitsOfTheReference(form, shape[0], columns, shape[1]);
                    }
                }
                assertBitsOfTheReference(form, 200, 577, 70);
            }
        }
    }

    private void assertBitsOfTheReference(Form form, int rows, int columns, int tokens) {
        Matrix weights = weights(form, rows, columns).matrix();
        MemorySegment x = samples.floats((long) tokens * columns, 3);
        MemorySegment before = samples.floats((long) tokens * rows, 1);
        for (boolean add : new boolean[] {false, true}) {
            MemorySegment actual = copy(before);
            MemorySegment expected = copy(before);
            kernels.matMul().multiply(x, tokens, weights, Activations.INT8, actual, add);
            reference.matMul().multiply(x, tokens, weights, Activations.INT8, expected, add);
            assertSameBits(actual, expected, form + " " + rows + " x " + columns + ", " + tokens + " tokens");
        }
    }

    @Test
    void int8ProductsOfZerosAreZero() {
        Matrix weights = SampleMatrix.of(arena, samples, WeightType.INT8, 5, 33).matrix();
        MemorySegment out = out(5);
        kernels.matMul().multiply(arena.allocate(4 * 33), 1, weights, Activations.INT8, out, false);
        assertWithin(out, arena.allocate(4 * 5), i -> 0, "zeros");
    }

    @Test
    void aTokenAloneHasTheBitsThatItHasInABatch() {
        for (Form form : FORMS) {
            for (int columns : new int[] {37, 130}) {
                assertBatchInvariant(weights(form, 19, columns).matrix(), form.activations);
            }
            assertBatchInvariant(weights(form, 200, 130).matrix(), form.activations);
        }
    }

    private void assertBatchInvariant(Matrix weights, Activations activations) {
        int most = 33;
        MemorySegment x = samples.floats((long) most * weights.columns(), 1);
        MemorySegment alone = out((long) most * weights.rows());
        long inBytes = 4L * weights.columns();
        long outBytes = 4L * weights.rows();
        for (int t = 0; t < most; t++) {
            kernels.matMul()
                    .multiply(
                            Values.rows(x, t, 1, inBytes),
                            1,
                            weights,
                            activations,
                            Values.rows(alone, t, 1, outBytes),
                            false);
        }
        for (int tokens = 2; tokens <= most; tokens++) {
            MemorySegment batch = out((long) tokens * weights.rows());
            kernels.matMul().multiply(x, tokens, weights, activations, batch, false);
            assertSameBits(batch, Values.rows(alone, 0, tokens, outBytes), weights.type() + " of " + tokens);
        }
    }

    @Test
    void swigluGivesTheBitsThatItGivesOfTheProduct() {
        for (Form form : FORMS) {
            for (int inner : new int[] {1, 3, 33, 64, 65, 100, 128}) {
                for (int tokens : new int[] {0, 1, 5, 17, 40}) {
                    assertSwiglu(form, inner, 37, tokens);
                }
            }
            assertSwiglu(form, 192, 577, 33);
        }
    }

    private void assertSwiglu(Form form, int inner, int columns, int tokens) {
        Matrix weights = weights(form, 2 * inner, columns).matrix();
        MemorySegment x = samples.floats((long) tokens * columns, 1);
        MemorySegment product = out(2L * tokens * inner);
        MemorySegment expected = out((long) tokens * inner);
        kernels.matMul().multiply(x, tokens, weights, form.activations, product, false);
        kernels.swiglu().activate(product, tokens, inner, expected);
        for (int threads = 1; threads <= 3; threads++) {
            try (Kernels more = open(threads)) {
                MemorySegment out = out((long) tokens * inner);
                more.matMul().multiplySwiglu(x, tokens, weights, form.activations, out);
                assertSameBits(out, expected, form + ", " + inner + " of " + tokens + " on " + threads + " threads");
            }
        }
    }

    @Test
    void swigluRefusesAnOddNumberOfRowsAndABufferThatIsTooSmall() {
        Matrix odd = SampleMatrix.of(arena, samples, WeightType.F32, 3, 5).matrix();
        Matrix even = SampleMatrix.of(arena, samples, WeightType.F32, 4, 5).matrix();
        MemorySegment x = samples.floats(2 * 5, 1);
        MemorySegment out = out(2 * 2);
        MatMulKernel matMul = kernels.matMul();
        assertRefused(() -> matMul.multiplySwiglu(x, 2, odd, Activations.F32, out), "rows");
        assertRefused(() -> matMul.multiplySwiglu(x, 2, even, Activations.F32, out.asSlice(4)), "out");
        assertThat(Values.f32s(out)).containsOnly(Float.NaN);
    }

    @Test
    void everyNumberOfThreadsGivesTheSameBits() {
        for (Form form : FORMS) {
            Matrix weights = weights(form, 301, 1030).matrix();
            MemorySegment x = samples.floats(9L * 1030, 1);
            MemorySegment one = out(9 * 301);
            kernels.matMul().multiply(x, 9, weights, form.activations, one, false);
            for (int threads = 2; threads <= 3; threads++) {
                try (Kernels more = open(threads)) {
                    MemorySegment out = out(9 * 301);
                    more.matMul().multiply(x, 9, weights, form.activations, out, false);
                    assertSameBits(out, one, form + " on " + threads + " threads");
                }
            }
        }
    }

    @Test
    void refusesActivationsThatTheWeightsDoNotTake() {
        for (WeightType type : WeightType.values()) {
            for (MatrixLayout layout : MatrixLayout.values()) {
                for (Activations activations : Activations.values()) {
                    Form form = new Form(type, layout, activations);
                    boolean possible = type != WeightType.F32 || layout == MatrixLayout.ROWS;
                    if (possible && !FORMS.contains(form)) {
                        Matrix weights = weights(form, 3, 5).matrix();
                        MemorySegment x = samples.floats(5, 1);
                        MemorySegment out = out(3);
                        assertRefused(
                                () -> kernels.matMul().multiply(x, 1, weights, activations, out, false),
                                form.toString());
                        assertThat(Values.f32s(out)).containsOnly(Float.NaN);
                    }
                }
            }
        }
    }

    @Test
    void refusesBuffersThatAreTooSmall() {
        Matrix weights = SampleMatrix.of(arena, samples, WeightType.F32, 3, 5).matrix();
        MemorySegment x = samples.floats(2 * 5, 1);
        MemorySegment out = out(2 * 3);
        MatMulKernel matMul = kernels.matMul();
        assertRefused(() -> matMul.multiply(x, 2, weights, Activations.F32, out.asSlice(4), false), "out");
        assertRefused(() -> matMul.multiply(x.asSlice(4), 2, weights, Activations.F32, out, false), "x");
        assertRefused(() -> matMul.multiply(x, -1, weights, Activations.F32, out, false), "tokens");
        MemorySegment heap = MemorySegment.ofArray(new float[6]);
        assertRefused(() -> matMul.multiply(x, 2, weights, Activations.F32, heap, false), "heap");
        assertThat(Values.f32s(out)).containsOnly(Float.NaN);
    }
}
