package dev.loci.kernel.ffi;

import dev.loci.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A negative result, `-(field * 16 + code)`: what is wrong, and with which member (1-based, 0 for the call as such).
record Status(int field, StatusCode code) {
    private static final int FIELD_SHIFT = 4;
    private static final int CODE_MASK = 0xF;

    /// Offset of the size in a span.
    private static final long SPAN_BYTES_OFFSET = 8;

    static Status of(int result) {
        int positive = -result;
        return new Status(positive >> FIELD_SHIFT, StatusCode.of(positive & CODE_MASK));
    }

    /// Turns the status into a message.
    /// @param args what the function was called with
    KernelException exception(NativeFunction function, MemorySegment args) {
        if (field < 1 || field > function.members().size()) {
            return KernelException.of(function.symbol(), "call", code.expected(), code.found());
        }
        Member member = function.members().get(field - 1);
        return KernelException.of(
                function.symbol(), member.name(), code.expected(), found(member, args, function.offset(field - 1)));
    }

    private String found(Member member, MemorySegment args, long offset) {
        return switch (code) {
            case NULL, INDEX, MEMORY, SYSTEM, UNKNOWN -> code.found();
            case SMALL, RANGE, UNSUPPORTED ->
                switch (member.kind()) {
                    case SPAN -> args.get(ValueLayout.JAVA_LONG, offset + SPAN_BYTES_OFFSET) + " bytes";
                    case I64 -> Long.toString(args.get(ValueLayout.JAVA_LONG, offset));
                    case I32 -> Integer.toString(args.get(ValueLayout.JAVA_INT, offset));
                    case F32 -> Float.toString(args.get(ValueLayout.JAVA_FLOAT, offset));
                    case POINTER -> "0x" + Long.toHexString(args.get(ValueLayout.JAVA_LONG, offset));
                    case MATRIX, KV, TOKENS -> code.found();
                };
        };
    }
}
