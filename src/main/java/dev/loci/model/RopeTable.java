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
        for (int position = 0; position < positions; position++) {
            long row = (long) position * headDim;
            for (int i = 0; i < half; i++) {
                float angle = position * frequency[i];
                table.setAtIndex(ValueLayout.JAVA_FLOAT, row + i, (float) Math.cos(angle));
                table.setAtIndex(ValueLayout.JAVA_FLOAT, row + half + i, (float) Math.sin(angle));
            }
        }
        return table;
    }
}
