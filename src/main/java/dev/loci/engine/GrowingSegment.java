package dev.loci.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Native memory that is filled from its start and moves to twice the room when it is full. Used by one thread, closed
/// by any.
final class GrowingSegment implements AutoCloseable {
    private Arena arena = Arena.ofShared();
    private MemorySegment segment;
    private long bytes;

    GrowingSegment(long capacity) {
        this.segment = arena.allocate(capacity, Long.BYTES);
    }

    void clear() {
        bytes = 0;
    }

    /// Bytes in use.
    long bytes() {
        return bytes;
    }

    void add(int[] values, int from, int to) {
        long at = bytes;
        extend(Math.multiplyExact((long) Integer.BYTES, to - from));
        MemorySegment.copy(values, from, segment, ValueLayout.JAVA_INT, at, to - from);
    }

    void add(int value) {
        extend(Integer.BYTES);
        segment.set(ValueLayout.JAVA_INT, bytes - Integer.BYTES, value);
    }

    void add(long value) {
        extend(Long.BYTES);
        segment.set(ValueLayout.JAVA_LONG, bytes - Long.BYTES, value);
    }

    void add(double value) {
        extend(Double.BYTES);
        segment.set(ValueLayout.JAVA_DOUBLE, bytes - Double.BYTES, value);
    }

    void extend(long more) {
        long needed = Math.addExact(bytes, more);
        if (needed > segment.byteSize()) {
            Arena larger = Arena.ofShared();
            MemorySegment moved = larger.allocate(Math.max(needed, 2 * segment.byteSize()), Long.BYTES);
            MemorySegment.copy(segment, 0, moved, 0, bytes);
            arena.close();
            arena = larger;
            segment = moved;
        }
        bytes = needed;
    }

    /// What is in use, borrowed until more is added.
    MemorySegment used() {
        return segment.asSlice(0, bytes);
    }

    @Override
    public void close() {
        arena.close();
    }
}
