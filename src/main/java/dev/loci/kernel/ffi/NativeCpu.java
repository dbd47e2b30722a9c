package dev.loci.kernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What the library says about itself and the machine.
/// @param flags bits of instruction sets that CPU and operating system support
/// @param cores that this process may run on, at least 1
public record NativeCpu(int abiVersion, long flags, int cores) {
    private static final long ABI_VERSION_OFFSET = 0;
    private static final long FLAGS_OFFSET = ABI_VERSION_OFFSET + ValueLayout.ADDRESS.byteSize();
    private static final long CORES_OFFSET = FLAGS_OFFSET + ValueLayout.ADDRESS.byteSize();

    static NativeCpu of(NativeLibrary library) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment abiVersion = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment flags = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment cores = arena.allocate(ValueLayout.JAVA_INT);
            NativeCall call = new NativeCall(library, NativeFunction.CPU, MemorySegment.NULL, arena);
            call.pointer(ABI_VERSION_OFFSET, abiVersion);
            call.pointer(FLAGS_OFFSET, flags);
            call.pointer(CORES_OFFSET, cores);
            call.invoke();
            return new NativeCpu(
                    abiVersion.get(ValueLayout.JAVA_INT, 0),
                    flags.get(ValueLayout.JAVA_LONG, 0),
                    cores.get(ValueLayout.JAVA_INT, 0));
        }
    }
}
