package dev.loci.model;

import dev.loci.kernel.KvPages;

/// The cache as attention sees it during one step.
public interface KvView {
    /// Pages of a block, and the page table of the step's sequences. Borrowed until the step ends.
    KvPages layer(int block);
}
