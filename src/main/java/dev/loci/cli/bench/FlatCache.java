package dev.loci.cli.bench;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.model.KvView;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Keys and values of a fixed number of sequences of a fixed length, the pages of each in a row.
final class FlatCache implements KvView {
    static final int PAGE_TOKENS = 16;

    private final List<KvPages> layers = new ArrayList<>();

    /// @param arena owns the pages
    /// @param layerCount of the model, or 1 where only one is wanted
    FlatCache(Arena arena, ModelConfig config, KvType type, int layerCount, int sequences, int tokens) {
        int perSequence = (tokens + PAGE_TOKENS - 1) / PAGE_TOKENS;
        int pages = Math.multiplyExact(sequences, perSequence);
        MemorySegment table = arena.allocate(4L * pages, Long.BYTES);
        for (int page = 0; page < pages; page++) {
            table.setAtIndex(ValueLayout.JAVA_INT, page, page);
        }
        long bytes = (long) pages * PAGE_TOKENS * config.kvHeads() * type.rowBytes(config.headDim());
        for (int layer = 0; layer < layerCount; layer++) {
            layers.add(new KvPages(
                    type,
                    arena.allocate(bytes, 64),
                    arena.allocate(bytes, 64),
                    pages,
                    PAGE_TOKENS,
                    config.kvHeads(),
                    config.headDim(),
                    table,
                    sequences,
                    perSequence));
        }
    }

    @Override
    public KvPages layer(int block) {
        return layers.get(block);
    }
}
