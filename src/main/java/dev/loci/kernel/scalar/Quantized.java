package dev.loci.kernel.scalar;

/// A row in int8: element i is about `scale * values[i]`, the scale being `max |x| / 127`.
///
/// The values are those of `x * (127 / max |x|)` in f32, rounded to nearest, ties to even: one factor a row instead of
/// a
/// division an element, and the same bits on every backend. A row too small for the factor to be finite counts as
/// zeros; a
/// row that is not finite gets a NaN as scale, so that it shows.
@SuppressWarnings("ArrayRecordComponent") // made, read once and dropped; never compared
record Quantized(byte[] values, float scale) {
    private static final float MAX = 127;
    private static final float SMALLEST = 0x1p-119f;

    static Quantized of(float[] row) {
        float max = 0;
        for (float x : row) {
            max = Math.max(max, Math.abs(x)); // a NaN stays
        }
        byte[] values = new byte[row.length];
        if (!Float.isFinite(max)) {
            return new Quantized(values, Float.NaN);
        }
        if (max < SMALLEST) {
            return new Quantized(values, 0);
        }
        float factor = MAX / max;
        for (int i = 0; i < row.length; i++) {
            values[i] = (byte) Math.rint(row[i] * factor);
        }
        return new Quantized(values, max / MAX);
    }
}
