package dev.loci.kernel.ffi;

import dev.loci.kernel.SampleKernel;
import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// `loci_sample_args`.
final class NativeSample implements SampleKernel {
    private static final long LOGITS_OFFSET = 0;
    private static final long ROWS_OFFSET = LOGITS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long HISTORY_OFFSET = ROWS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long BIAS_IDS_OFFSET = HISTORY_OFFSET + NativeCall.SPAN_BYTES;
    private static final long BIASES_OFFSET = BIAS_IDS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long SUPPRESSED_OFFSET = BIASES_OFFSET + NativeCall.SPAN_BYTES;
    private static final long IDS_OFFSET = SUPPRESSED_OFFSET + NativeCall.SPAN_BYTES;
    private static final long LOGPROBS_OFFSET = IDS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOP_IDS_OFFSET = LOGPROBS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOP_LOGPROBS_OFFSET = TOP_IDS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long ROW_COUNT_OFFSET = TOP_LOGPROBS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long COLUMNS_OFFSET = ROW_COUNT_OFFSET + Integer.BYTES;
    private static final long VOCAB_SIZE_OFFSET = COLUMNS_OFFSET + Integer.BYTES;
    private static final long TOP_OFFSET = VOCAB_SIZE_OFFSET + Integer.BYTES;
    private static final long MASKS_OFFSET = TOP_OFFSET + Integer.BYTES;

    private final NativeCall call;
    private final SampleRowStructs structs;

    /// @param arena owns the structs of the rows
    NativeSample(NativeCall call, Arena arena) {
        this.call = call;
        this.structs = new SampleRowStructs(arena);
    }

    @Override
    public void sample(MemorySegment logits, int columns, int vocabSize, SampleRows rows, SampleResults out) {
        call.span(LOGITS_OFFSET, logits);
        call.span(ROWS_OFFSET, structs.of(rows.rows()));
        call.span(HISTORY_OFFSET, rows.history());
        call.span(BIAS_IDS_OFFSET, rows.biasIds());
        call.span(BIASES_OFFSET, rows.biases());
        call.span(SUPPRESSED_OFFSET, rows.suppressed());
        call.span(IDS_OFFSET, out.ids());
        call.span(LOGPROBS_OFFSET, out.logprobs());
        call.span(TOP_IDS_OFFSET, out.topIds());
        call.span(TOP_LOGPROBS_OFFSET, out.topLogprobs());
        call.i32(ROW_COUNT_OFFSET, rows.rows().size());
        call.i32(COLUMNS_OFFSET, columns);
        call.i32(VOCAB_SIZE_OFFSET, vocabSize);
        call.i32(TOP_OFFSET, out.top());
        call.span(MASKS_OFFSET, rows.masks());
        call.invoke();
    }
}
