package dev.loci.kernel.select;

import dev.loci.kernel.MappedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/// Mapped memory without a native library: nothing is guarded, advised or known. Where a file shrinks, Java's own
/// accesses fail with an [InternalError].
final class PlainMappedMemory implements MappedMemory {
    private static final long ALIGNMENT = 4096;

    @Override
    public void guard(MemorySegment mapping) {}

    @Override
    public void unguard(MemorySegment mapping) {}

    @Override
    public long faults() {
        return 0;
    }

    @Override
    public MemorySegment allocate(long bytes, boolean hugePages, Arena arena) {
        return arena.allocate(bytes, ALIGNMENT);
    }

    @Override
    public boolean advise(MemorySegment mapping, Advice advice) {
        return false;
    }

    /// 0, since it cannot be known.
    @Override
    public long majorFaults() {
        return 0;
    }

    @Override
    public OptionalLong residentBytes(MemorySegment mapping) {
        return OptionalLong.empty();
    }
}
