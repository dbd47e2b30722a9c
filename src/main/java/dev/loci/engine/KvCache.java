package dev.loci.engine;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.kernel.MappedMemory;
import dev.loci.model.KvView;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Paged keys and values of every sequence, off the heap, and the prefix cache over them. Owned by the step loop
/// thread.
///
/// A page holds [#PAGE_TOKENS] positions of one sequence in every block of the model. A sequence that runs has a row of
/// the page table, which names its pages in order. A full page can be published: it then stands in a tree of prefixes,
/// a node for each page, and later sequences that begin alike share it. A page that no row holds any more stays in the
/// tree until its memory is needed; the one unused for longest goes first.
///
/// Because keys and values do not depend on the batch that computed them, two pages of equal prefixes hold equal bits:
/// when a page is published that the tree has already, the row takes the tree's page and gives its own back. So a row
/// that holds a node's page holds the pages of all its ancestors, and the page unused for longest is always a leaf.
final class KvCache implements KvView, AutoCloseable {
    static final int PAGE_TOKENS = 16;

    private final Arena arena;
    private final MemorySegment pageTable;
    private final int pagesPerSequence;
    private final boolean keepsPrefixes;
    private final List<KvPages> layers;
    private final long layerPageBytes;
    private final int pages;
    private final int[] references;
    private final PrefixNode[] nodes;
    private final PrefixNode root = PrefixNode.root();
    private final IdlePages idle;
    private final IntStack freePages;
    private final IntStack freeRows;
    private final int[] heldPages;
    private final PrefixNode[] lastPublished;
    private final int[] publishedPages;

    /// @param maxSequences  rows of the page table
    /// @param keepsPrefixes whether pages are published at all
    /// @param memory        for keys and values: RAM is taken as pages are written
    KvCache(ModelConfig config, KvType type, int pages, int maxSequences, boolean keepsPrefixes, MappedMemory memory) {
        this.arena = Arena.ofShared();
        this.pages = pages;
        this.keepsPrefixes = keepsPrefixes;
        this.pagesPerSequence = pagesFor(config.contextTokens());
        this.pageTable = arena.allocate(Math.multiplyExact(4L * maxSequences, pagesPerSequence), 64);
        this.layers = new ArrayList<>();
        this.layerPageBytes = layerPageBytes(config, type);
        long layerBytes = Math.multiplyExact(layerPageBytes, pages);
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(new KvPages(
                    type,
                    memory.allocate(layerBytes, false, arena),
                    memory.allocate(layerBytes, false, arena),
                    pages,
                    PAGE_TOKENS,
                    config.kvHeads(),
                    config.headDim(),
                    pageTable,
                    maxSequences,
                    pagesPerSequence));
        }
        this.references = new int[pages];
        this.nodes = new PrefixNode[pages];
        this.idle = new IdlePages(pages);
        this.freePages = IntStack.descending(pages);
        this.freeRows = IntStack.descending(maxSequences);
        this.heldPages = new int[maxSequences];
        this.lastPublished = new PrefixNode[maxSequences];
        this.publishedPages = new int[maxSequences];
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

    int pages() {
        return pages;
    }

    /// Pages that hold nothing.
    int freePages() {
        return freePages.size();
    }

    /// Pages that hold a prefix nobody uses now.
    int idlePages() {
        return idle.size();
    }

    /// Pages that can be had.
    int availablePages() {
        return freePages.size() + idle.size();
    }

    boolean hasFreeRow() {
        return freeRows.size() > 0;
    }

    /// Takes a row of the page table, without pages.
    int acquireRow() {
        int row = freeRows.pop();
        heldPages[row] = 0;
        lastPublished[row] = root;
        publishedPages[row] = 0;
        return row;
    }

    /// Gives a fresh row the published pages with which these ids begin.
    /// @param limit tokens that may be reused at most
    /// @return tokens that the row holds now, a multiple of [#PAGE_TOKENS]
    int reuse(int row, int[] ids, int limit) {
        PrefixNode node = root;
        int tokens = 0;
        while (tokens + PAGE_TOKENS <= limit) {
            PrefixNode child = node.child(ids, tokens);
            if (child == null) {
                break;
            }
            hold(row, child.page());
            node = child;
            tokens += PAGE_TOKENS;
        }
        lastPublished[row] = node;
        publishedPages[row] = heldPages[row];
        return tokens;
    }

    /// How many tokens [#reuse] would give.
    int reusable(int[] ids, int limit) {
        PrefixNode node = root;
        int tokens = 0;
        while (node != null && tokens + PAGE_TOKENS <= limit) {
            node = node.child(ids, tokens);
            tokens += node == null ? 0 : PAGE_TOKENS;
        }
        return tokens;
    }

    /// Gives a fresh row the first tokens of another: whole pages are shared; a page that both would write to is
    /// copied.
    /// @return whether there was a page for the copy; if not, the row holds the whole pages only
    boolean fork(int from, int row, int tokens) {
        int whole = tokens / PAGE_TOKENS;
        for (int i = 0; i < whole; i++) {
            hold(row, page(from, i));
        }
        publishedPages[row] = Math.min(whole, publishedPages[from]);
        PrefixNode node = lastPublished[from];
        for (int i = publishedPages[from]; i > publishedPages[row]; i--) {
            node = node.parent();
        }
        lastPublished[row] = node;
        if (tokens % PAGE_TOKENS == 0) {
            return true;
        }
        if (!extend(row, tokens)) {
            return false;
        }
        copyPage(page(from, whole), page(row, whole));
        return true;
    }

    /// Lets a row hold so many tokens in all, dropping idle prefixes where needed.
    /// @return whether it does; if not, the row is as it was
    boolean extend(int row, int tokens) {
        int missing = pagesFor(tokens) - heldPages[row];
        if (missing > availablePages()) {
            return false;
        }
        for (int i = 0; i < missing; i++) {
            hold(row, takePage());
        }
        return true;
    }

    /// Tokens that a row can hold as things are, without another row giving something back.
    int capacity(int row) {
        return (heldPages[row] + availablePages()) * PAGE_TOKENS;
    }

    /// Publishes the pages of a row that have become full.
    /// @param tokens that the row holds keys and values of
    void publish(int row, int[] ids, int tokens) {
        if (!keepsPrefixes) {
            return;
        }
        while ((publishedPages[row] + 1) * PAGE_TOKENS <= tokens) {
            int index = publishedPages[row];
            int page = page(row, index);
            PrefixNode parent = lastPublished[row];
            PrefixNode node = parent.child(ids, index * PAGE_TOKENS);
            if (node == null) {
                node = parent.add(ids, index * PAGE_TOKENS, page);
                nodes[page] = node;
            } else if (node.page() != page) {
                retain(node.page());
                setPage(row, index, node.page());
                giveBack(page);
            }
            lastPublished[row] = node;
            publishedPages[row]++;
        }
    }

    /// Gives the row and its pages back; published ones stay for later.
    void release(int row) {
        for (int i = heldPages[row] - 1; i >= 0; i--) {
            giveBack(page(row, i));
        }
        heldPages[row] = 0;
        freeRows.push(row);
    }

    /// Copies a page of a row, all layers, keys then values of each.
    /// @param index which page of the row
    void read(int row, int index, MemorySegment out) {
        transfer(page(row, index), out, false);
    }

    /// Fills a page of a row from bytes that [#read] gave.
    void write(int row, int index, MemorySegment in) {
        transfer(page(row, index), in, true);
    }

    @Override
    public void close() {
        arena.close();
    }

    private void transfer(int page, MemorySegment bytes, boolean write) {
        long offset = 0;
        for (KvPages layer : layers) {
            for (MemorySegment half : List.of(layer.keys(), layer.values())) {
                MemorySegment inside = half.asSlice(page * layerPageBytes, layerPageBytes);
                MemorySegment outside = bytes.asSlice(offset, layerPageBytes);
                if (write) {
                    inside.copyFrom(outside);
                } else {
                    outside.copyFrom(inside);
                }
                offset += layerPageBytes;
            }
        }
    }

    private void copyPage(int from, int to) {
        for (KvPages layer : layers) {
            copyWithin(layer.keys(), from, to);
            copyWithin(layer.values(), from, to);
        }
    }

    private void copyWithin(MemorySegment half, int from, int to) {
        MemorySegment.copy(half, from * layerPageBytes, half, to * layerPageBytes, layerPageBytes);
    }

    private int page(int row, int index) {
        return pageTable.getAtIndex(ValueLayout.JAVA_INT, (long) row * pagesPerSequence + index);
    }

    private void setPage(int row, int index, int page) {
        pageTable.setAtIndex(ValueLayout.JAVA_INT, (long) row * pagesPerSequence + index, page);
    }

    private void hold(int row, int page) {
        retain(page);
        setPage(row, heldPages[row]++, page);
    }

    private void retain(int page) {
        if (references[page]++ == 0 && nodes[page] != null) {
            idle.remove(page);
        }
    }

    private void giveBack(int page) {
        if (--references[page] > 0) {
            return;
        }
        if (nodes[page] == null) {
            freePages.push(page);
        } else {
            idle.add(page);
        }
    }

    private int takePage() {
        if (freePages.size() > 0) {
            return freePages.pop();
        }
        int page = idle.removeOldest();
        nodes[page].detach();
        nodes[page] = null;
        return page;
    }
}
