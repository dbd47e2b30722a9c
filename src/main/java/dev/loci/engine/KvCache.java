package dev.loci.engine;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.model.KvView;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Paged keys and values of every sequence, off the heap. Owned by the step loop thread.
///
/// A page holds [#PAGE_TOKENS] positions of one sequence in every block of the model. A sequence that runs has a row
/// of the page table, which names its pages in order.
final class KvCache implements KvView, AutoCloseable {
    static final int PAGE_TOKENS = 16;

    private final Arena arena;
    private final MemorySegment pageTable;
    private final int pagesPerSequence;
    private final List<KvPages> layers;
    private final int[] freePages;
    private int freePageCount;
    private final int[] freeRows;
    private int freeRowCount;
    private final int[] heldPages;

    /// @param maxSequences rows of the page table
    KvCache(ModelConfig config, KvType type, int pages, int maxSequences) {
        this.arena = Arena.ofShared();
        this.pagesPerSequence = pagesFor(config.contextTokens());
        this.pageTable = arena.allocate(Math.multiplyExact(4L * maxSequences, pagesPerSequence), 64);
        this.layers = new ArrayList<>();
        long layerBytes = Math.multiplyExact(layerPageBytes(config, type), pages);
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(new KvPages(
                    type,
                    arena.allocate(layerBytes, 64),
                    arena.allocate(layerBytes, 64),
                    pages,
                    PAGE_TOKENS,
                    config.kvHeads(),
                    config.headDim(),
                    pageTable,
                    maxSequences,
                    pagesPerSequence));
        }
        this.freePages = descending(pages);
        this.freePageCount = pages;
        this.freeRows = descending(maxSequences);
        this.freeRowCount = maxSequences;
        this.heldPages = new int[maxSequences];
    }

    /// Pages that hold so many tokens.
    static int pagesFor(int tokens) {
        return (tokens + PAGE_TOKENS - 1) / PAGE_TOKENS;
    }

    /// Bytes of a page in all blocks.
    static long pageBytes(ModelConfig config, KvType type) {
        return Math.multiplyExact(2L * config.layers(), layerPageBytes(config, type));
    }

    private static long layerPageBytes(ModelConfig config, KvType type) {
        return Math.multiplyExact((long) PAGE_TOKENS * config.kvHeads(), type.rowBytes(config.headDim()));
    }

    @Override
    public KvPages layer(int block) {
        return layers.get(block);
    }

    int freePages() {
        return freePageCount;
    }

    boolean hasRoom(int pages) {
        return freeRowCount > 0 && freePageCount >= pages;
    }

    /// Takes a row of the page table with so many pages; [#hasRoom] must hold.
    int acquire(int pages) {
        int row = freeRows[--freeRowCount];
        for (int i = 0; i < pages; i++) {
            pageTable.setAtIndex(ValueLayout.JAVA_INT, (long) row * pagesPerSequence + i, freePages[--freePageCount]);
        }
        heldPages[row] = pages;
        return row;
    }

    void release(int row) {
        for (int i = heldPages[row] - 1; i >= 0; i--) {
            freePages[freePageCount++] = pageTable.getAtIndex(ValueLayout.JAVA_INT, (long) row * pagesPerSequence + i);
        }
        heldPages[row] = 0;
        freeRows[freeRowCount++] = row;
    }

    @Override
    public void close() {
        arena.close();
    }

    private static int[] descending(int count) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = count - 1 - i;
        }
        return numbers;
    }
}
