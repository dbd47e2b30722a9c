package dev.loci.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Cosines and sines of rotary position embedding, `f32[positions][2][headDim / 2]`.
///
/// The angle of column pair i at position p is `p * theta^(-2i / headDim)`, with frequency and angle rounded to f32
/// as the trainer does, because at large positions the rounding shows.
final class RopeTable {
    private RopeTable() {}

    static MemorySegment of(Arena arena, int positions, int headDim, double theta) {
        int half = headDim / 2;
        MemorySegment table = arena.allocate(Math.multiplyExact((long) positions * headDim, 4L), 64);
        float[] frequency = new float[half];
        for (int i = 0; i < half; i++) {
            frequency[i] = (float) (1.0 / (float) Math.pow(theta, 2.0 * i / headDim));
        }
        float[] row = new float[headDim];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                float angle = position * frequency[i];
                row[i] = (float) Math.cos(angle);
                row[half + i] = (float) Math.sin(angle);
            }
            MemorySegment.copy(row, 0, table, ValueLayout.JAVA_FLOAT, 4L * position * headDim, headDim);
        }
        return table;
    }
}
