package dev.loci.store;

import dev.loci.kernel.MappedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Remembers what it is asked for; takes no advice but that of random access.
public final class FakeMemory implements MappedMemory {
    private final List<MemorySegment> guarded = new ArrayList<>();
    private final List<Advice> advices = new ArrayList<>();

    public List<MemorySegment> guarded() {
        return guarded;
    }

    List<Advice> advices() {
        return advices;
    }

    @Override
    public void guard(MemorySegment mapping) {
        guarded.add(mapping);
    }

    @Override
    public void unguard(MemorySegment mapping) {
        if (!mapping.scope().isAlive() || !guarded.remove(mapping)) {
            throw new AssertionError("not guarded, or closed before");
        }
    }

    @Override
    public long faults() {
        return 0;
    }

    @Override
    public long majorFaults() {
        return 0;
    }

    @Override
    public MemorySegment allocate(long bytes, boolean hugePages, Arena arena) {
        return arena.allocate(bytes, 4096);
    }

    @Override
    public boolean advise(MemorySegment mapping, Advice advice) {
        advices.add(advice);
        return advice == Advice.RANDOM;
    }

    @Override
    public OptionalLong residentBytes(MemorySegment mapping) {
        return OptionalLong.of(4096);
    }
}
