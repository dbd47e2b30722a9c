package dev.loci.kernel.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A function and the struct of its arguments, which is written anew for each call. One thread at a time.
final class NativeCall {
    private static final long SPAN_DATA_OFFSET = 0;
    private static final long SPAN_SIZE_OFFSET = SPAN_DATA_OFFSET + ValueLayout.ADDRESS.byteSize();
    static final long SPAN_BYTES = SPAN_SIZE_OFFSET + Long.BYTES;

    private final Binding binding;
    private final NativeFunction function;
    private final MemorySegment address;
    private final MemorySegment context;
    private final MemorySegment args;

    /// Allocates the struct, zeroed.
    /// @param arena owns the struct
    NativeCall(NativeLibrary library, NativeFunction function, MemorySegment context, Arena arena) {
        this.binding = library.binding();
        this.function = function;
        this.address = library.address(function);
        this.context = context;
        this.args = function.bytes() == 0
                ? MemorySegment.NULL
                : arena.allocate(function.bytes(), ValueLayout.JAVA_LONG.byteAlignment());
    }

    /// Only the address crosses, so nothing keeps the segment's memory during the call: whoever lends it does.
    void pointer(long offset, MemorySegment segment) {
        args.set(ValueLayout.JAVA_LONG, offset, addressOf(segment));
    }

    void span(long offset, MemorySegment segment) {
        args.set(ValueLayout.JAVA_LONG, offset + SPAN_DATA_OFFSET, addressOf(segment));
        args.set(ValueLayout.JAVA_LONG, offset + SPAN_SIZE_OFFSET, segment.byteSize());
    }

    void i64(long offset, long value) {
        args.set(ValueLayout.JAVA_LONG, offset, value);
    }

    void i32(long offset, int value) {
        args.set(ValueLayout.JAVA_INT, offset, value);
    }

    void f32(long offset, float value) {
        args.set(ValueLayout.JAVA_FLOAT, offset, value);
    }

    /// Calls; a refusal becomes a [dev.loci.kernel.KernelException] that names the member.
    void invoke() {
        check(binding.call(address, context, args));
    }

    /// As [#invoke], but a refusal by the operating system is an answer: false.
    boolean invokeUnlessRefusedBySystem() {
        int result = binding.call(address, context, args);
        if (result < 0 && Status.of(result).code() == StatusCode.SYSTEM) {
            return false;
        }
        check(result);
        return true;
    }

    private void check(int result) {
        if (result < 0) {
            throw Status.of(result).exception(function, args);
        }
    }

    /// The address of a segment that C can read and that is still there.
    static long addressOf(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("segment: expected one off the heap, found one on the heap");
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("segment: expected an open arena, found a closed one");
        }
        return segment.address();
    }
}
