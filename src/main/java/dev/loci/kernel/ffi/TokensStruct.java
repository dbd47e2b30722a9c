package dev.loci.kernel.ffi;

import dev.loci.kernel.StepTokens;

/// `loci_tokens`.
final class TokensStruct {
    private static final long POSITIONS_OFFSET = 0;
    private static final long SEQUENCES_OFFSET = POSITIONS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long COUNT_OFFSET = SEQUENCES_OFFSET + NativeCall.SPAN_BYTES;
    private static final long RESERVED_OFFSET = COUNT_OFFSET + Integer.BYTES;
    static final long BYTES = RESERVED_OFFSET + Integer.BYTES;

    private TokensStruct() {}

    static void write(NativeCall call, long offset, StepTokens tokens) {
        call.span(offset + POSITIONS_OFFSET, tokens.positions());
        call.span(offset + SEQUENCES_OFFSET, tokens.sequences());
        call.i32(offset + COUNT_OFFSET, tokens.count());
    }
}
