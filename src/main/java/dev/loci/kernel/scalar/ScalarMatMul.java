package dev.loci.kernel.scalar;

import dev.loci.kernel.Activations;
import dev.loci.kernel.MatMulKernel;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.MatrixLayout;
import dev.loci.kernel.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleUnaryOperator;

final class ScalarMatMul implements MatMulKernel {
    private static final String WHERE = "scalar matMul";

    /// 127 * 127 * 131072 is the last sum of that kind below 2^31.
    private static final int MAX_INT8_COLUMNS = 131_072;

    private final ScalarSwiglu swiglu = new ScalarSwiglu();

    @Override
    public void multiply(
            MemorySegment x, int tokens, Matrix weights, Activations activations, MemorySegment out, boolean add) {
        Arguments.atLeast(WHERE, "tokens", tokens, 0);
        Arguments.size(WHERE, "x", x, Arguments.bytes(Float.BYTES, tokens, weights.columns()));
        Arguments.size(WHERE, "out", out, Arguments.bytes(Float.BYTES, tokens, weights.rows()));
        switch (activations) {
            case F32 -> {
                if (weights.layout() == MatrixLayout.PANELS && weights.type() == WeightType.INT8) {
                    throw Arguments.refused(WHERE, "activations", "INT8 for weights in INT8 panels", "F32");
                }
                multiplyFloats(x, tokens, weights, out, add, DoubleUnaryOperator.identity());
            }
            case BF16 -> {
                if (weights.type() != WeightType.BF16 || weights.layout() != MatrixLayout.PANELS) {
                    throw Arguments.refused(
                            WHERE, "activations", "F32 or INT8 for weights that are not BF16 panels", "BF16");
                }
                multiplyFloats(x, tokens, weights, out, add, Elements::roundedToBf16);
            }
            case INT8 -> {
                if (weights.type() != WeightType.INT8) {
                    throw Arguments.refused(WHERE, "activations", "F32 for weights in " + weights.type(), "INT8");
                }
                Arguments.range(WHERE, "weights columns", weights.columns(), 1, MAX_INT8_COLUMNS);
                multiplyBytes(x, tokens, weights, out, add);
            }
        }
    }

    @Override
    public void multiplySwiglu(
            MemorySegment x, int tokens, Matrix weights, Activations activations, MemorySegment out) {
        int rows = weights.rows();
        if (rows % 2 != 0) {
            throw Arguments.refused(WHERE, "weights rows", "an even number", String.valueOf(rows));
        }
        Arguments.atLeast(WHERE, "tokens", tokens, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment product = arena.allocate(Arguments.bytes(Float.BYTES, tokens, rows), Float.BYTES);
            multiply(x, tokens, weights, activations, product, false);
            swiglu.activate(product, tokens, rows / 2, out);
        }
    }

    private static void multiplyFloats(
            MemorySegment x, int tokens, Matrix weights, MemorySegment out, boolean add, DoubleUnaryOperator rounding) {
        int columns = weights.columns();
        for (int t = 0; t < tokens; t++) {
            for (int r = 0; r < weights.rows(); r++) {
                long index = (long) t * weights.rows() + r;
                double sum = add ? Elements.f32(out, index) : 0;
                for (int c = 0; c < columns; c++) {
                    double in = rounding.applyAsDouble(Elements.f32(x, (long) t * columns + c));
                    sum += in * MatrixReader.at(weights, r, c);
                }
                Elements.f32(out, index, sum);
            }
        }
    }

    /// Each step after the exact sum rounds to f32, so that backends agree to the bit.
    private static void multiplyBytes(MemorySegment x, int tokens, Matrix weights, MemorySegment out, boolean add) {
        int columns = weights.columns();
        for (int t = 0; t < tokens; t++) {
            float[] row = new float[columns];
            for (int c = 0; c < columns; c++) {
                row[c] = Elements.f32(x, (long) t * columns + c);
            }
            Quantized quantized = Quantized.of(row);
            for (int r = 0; r < weights.rows(); r++) {
                int sum = 0;
                for (int c = 0; c < columns; c++) {
                    sum += quantized.values()[c] * MatrixReader.byteAt(weights, r, c);
                }
                long index = (long) t * weights.rows() + r;
                float product = (float) sum * (quantized.scale() * Elements.f32(weights.scales(), r));
                Elements.f32(out, index, add ? Elements.f32(out, index) + product : product);
            }
        }
    }
}
