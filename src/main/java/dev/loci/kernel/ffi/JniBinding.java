package dev.loci.kernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Calls through JNI, for native images: their builders of the Community link no foreign functions. The C side,
/// `src/jni.c`,
/// is part of the library, which must be loaded before the first call; in an image it is linked in.
final class JniBinding implements Binding {
    static final String NAME = "jni";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public MemorySegment find(String symbol) {
        try (Arena arena = Arena.ofConfined()) {
            return MemorySegment.ofAddress(addressOf(arena.allocateFrom(symbol).address()));
        }
    }

    @Override
    public int call(MemorySegment function, MemorySegment context, MemorySegment args) {
        return invoke(function.address(), context.address(), args.address());
    }

    /// @param symbol address of a name that ends with a zero
    private static native long addressOf(long symbol);

    private static native int invoke(long function, long context, long args);
}
