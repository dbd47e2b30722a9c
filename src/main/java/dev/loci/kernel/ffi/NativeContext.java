package dev.loci.kernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A `loci_context` and the memory of the structs that calls on it use.
final class NativeContext implements AutoCloseable {
    private static final long CONTEXT_OFFSET = 0;
    private static final long ISA_OFFSET = CONTEXT_OFFSET + ValueLayout.ADDRESS.byteSize();
    private static final long FLAGS_OFFSET = ISA_OFFSET + Integer.BYTES;
    private static final long THREADS_OFFSET = FLAGS_OFFSET + Integer.BYTES;

    private final NativeLibrary library;
    private final Arena arena;
    private final MemorySegment context;

    private NativeContext(NativeLibrary library, Arena arena, MemorySegment context) {
        this.library = library;
        this.arena = arena;
        this.context = context;
    }

    static NativeContext open(NativeLibrary library, int isa, int flags, int threads) {
        Arena arena = Arena.ofShared(); // opened by one thread, used by another
        boolean opened = false;
        try {
            MemorySegment context = arena.allocate(ValueLayout.ADDRESS);
            NativeCall call = new NativeCall(library, NativeFunction.OPEN, MemorySegment.NULL, arena);
            call.pointer(CONTEXT_OFFSET, context);
            call.i32(ISA_OFFSET, isa);
            call.i32(FLAGS_OFFSET, flags);
            call.i32(THREADS_OFFSET, threads);
            call.invoke();
            opened = true;
            return new NativeContext(library, arena, context.get(ValueLayout.ADDRESS, 0));
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    Arena arena() {
        return arena;
    }

    NativeCall call(NativeFunction function) {
        return new NativeCall(library, function, context, arena);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            call(NativeFunction.CLOSE).invoke();
            arena.close();
        }
    }
}
