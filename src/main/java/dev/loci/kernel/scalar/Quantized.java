package dev.loci.kernel.scalar;

/// A row in int8: element i is about `scale * values[i]`, the scale being `max |x| / 127`.
@SuppressWarnings("ArrayRecordComponent") // made, read once and dropped; never compared
record Quantized(byte[] values, float scale) {
    private static final float MAX = 127;

    /// Rounds to nearest, ties to even; all zeros where the scale is 0.
    static Quantized of(float[] row) {
        float max = 0;
        for (float x : row) {
            max = Math.max(max, Math.abs(x));
        }
        float scale = max / MAX;
        byte[] values = new byte[row.length];
        if (scale > 0) {
            for (int i = 0; i < row.length; i++) {
                values[i] = (byte) Math.clamp(Math.rint(row[i] / scale), -MAX, MAX);
            }
        }
        return new Quantized(values, scale);
    }
}
