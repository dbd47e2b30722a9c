package dev.loci.kernel.ffi;

import dev.loci.kernel.MappedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/// Mapped files as the operating system of this process has them.
///
/// Mappings are given whole: C refuses one that does not start on a page. An empty one has no pages, so nothing is
/// done.
public final class NativeMappedMemory implements MappedMemory {
    private static final long DATA_OFFSET = 0;
    private static final long SIZE_OFFSET = DATA_OFFSET + ValueLayout.ADDRESS.byteSize();
    private static final long ADVICE_OFFSET = SIZE_OFFSET + Long.BYTES;
    private static final long RESIDENT_BYTES_OFFSET = SIZE_OFFSET + Long.BYTES;
    private static final long PAGES_OFFSET = 0;
    private static final long FAULTS_OFFSET = 0;
    private static final long ADDRESS_OFFSET = 0;
    private static final long HUGE_PAGES_OFFSET = SIZE_OFFSET + Long.BYTES;

    private final NativeLibrary library;

    private NativeMappedMemory(NativeLibrary library) {
        this.library = library;
    }

    /// Installs the guard's handler, which is there for the process and a second time changes nothing.
    public static NativeMappedMemory open(NativeLibrary library) {
        try (Arena arena = Arena.ofConfined()) {
            call(library, NativeFunction.GUARD_INSTALL, arena).invoke();
        }
        return new NativeMappedMemory(library);
    }

    @Override
    public void guard(MemorySegment mapping) {
        range(NativeFunction.GUARD_ADD, mapping);
    }

    @Override
    public void unguard(MemorySegment mapping) {
        range(NativeFunction.GUARD_REMOVE, mapping);
    }

    @Override
    public long faults() {
        return count(NativeFunction.GUARD_FAULTS, PAGES_OFFSET);
    }

    @Override
    public long majorFaults() {
        return count(NativeFunction.MAJOR_FAULTS, FAULTS_OFFSET);
    }

    private long count(NativeFunction function, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
            NativeCall call = call(library, function, arena);
            call.pointer(offset, number);
            call.invoke();
            return number.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public MemorySegment allocate(long bytes, boolean hugePages, Arena owner) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ValueLayout.ADDRESS);
            NativeCall call = call(library, NativeFunction.MAP, arena);
            call.pointer(ADDRESS_OFFSET, address);
            call.i64(SIZE_OFFSET, bytes);
            call.i32(HUGE_PAGES_OFFSET, hugePages ? 1 : 0);
            call.invoke();
            return address.get(ValueLayout.ADDRESS, 0).reinterpret(bytes, owner, this::unmap);
        }
    }

    private void unmap(MemorySegment whole) {
        try (Arena arena = Arena.ofConfined()) {
            NativeCall call = call(library, NativeFunction.UNMAP, arena);
            call.pointer(DATA_OFFSET, whole);
            call.i64(SIZE_OFFSET, whole.byteSize());
            call.invoke();
        }
    }

    @Override
    public boolean advise(MemorySegment mapping, Advice advice) {
        if (mapping.byteSize() == 0) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            NativeCall call = rangeCall(NativeFunction.ADVISE, mapping, arena);
            call.i32(ADVICE_OFFSET, advice.code());
            return call.invokeUnlessRefusedBySystem();
        }
    }

    @Override
    public OptionalLong residentBytes(MemorySegment mapping) {
        if (mapping.byteSize() == 0) {
            return OptionalLong.of(0);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
            NativeCall call = rangeCall(NativeFunction.RESIDENCY, mapping, arena);
            call.pointer(RESIDENT_BYTES_OFFSET, bytes);
            call.invoke();
            return OptionalLong.of(bytes.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private void range(NativeFunction function, MemorySegment mapping) {
        if (mapping.byteSize() != 0) {
            try (Arena arena = Arena.ofConfined()) {
                rangeCall(function, mapping, arena).invoke();
            }
        }
    }

    private NativeCall rangeCall(NativeFunction function, MemorySegment mapping, Arena arena) {
        NativeCall call = call(library, function, arena);
        call.pointer(DATA_OFFSET, mapping);
        call.i64(SIZE_OFFSET, mapping.byteSize());
        return call;
    }

    private static NativeCall call(NativeLibrary library, NativeFunction function, Arena arena) {
        return new NativeCall(library, function, MemorySegment.NULL, arena);
    }
}
