package dev.loci.cli.bench;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRow;
import dev.loci.kernel.SampleRows;
import dev.loci.model.ForwardPass;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;

/// Draws the greatest logit of each row.
final class GreedySampler {
    private static final SampleRow GREATEST = new SampleRow(-1, 0, 1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0);

    private final Kernels kernels;
    private final ModelConfig config;
    private final SampleResults results;

    GreedySampler(Arena arena, Kernels kernels, ModelConfig config) {
        this.kernels = kernels;
        this.config = config;
        this.results = new SampleResults(
                arena.allocate(4L * ForwardPass.LOGIT_ROWS, 8),
                arena.allocate(8L * ForwardPass.LOGIT_ROWS, 8),
                MemorySegment.NULL,
                MemorySegment.NULL,
                0);
    }

    void sample(MemorySegment logits, int count, int[] ids, int first) {
        SampleRows rows = new SampleRows(
                Collections.nCopies(count, GREATEST),
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL);
        kernels.sample().sample(logits, config.embeddingRows(), config.vocabSize(), rows, results);
        MemorySegment.copy(results.ids(), ValueLayout.JAVA_INT, 0, ids, first, count);
    }
}
