package dev.loci.kernel.scalar;

import dev.loci.kernel.Norm;

/// The formula of [Norm] for one row.
final class Normalization {
    private Normalization() {}

    static double[] of(double[] x, Norm norm) {
        double mean = norm.kind() == Norm.Kind.LAYER ? mean(x) : 0;
        double squares = 0;
        for (double value : x) {
            squares += (value - mean) * (value - mean);
        }
        double factor = 1 / Math.sqrt(squares / x.length + norm.eps());
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = (x[i] - mean) * factor * weight(norm, i);
        }
        return out;
    }

    private static double mean(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value;
        }
        return sum / x.length;
    }

    private static double weight(Norm norm, int index) {
        return norm.weight().byteSize() == 0 ? 1 : Elements.f32(norm.weight(), index);
    }
}
