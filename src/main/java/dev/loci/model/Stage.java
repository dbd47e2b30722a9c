package dev.loci.model;

/// What a step's time goes to.
public enum Stage {
    EMBED,
    /// Norms, projections and the feed-forward parts of the blocks.
    DENSE,
    /// Rotation, the cache, and attention over it.
    ATTENTION,
    /// Query, retrieval and pooling.
    MEMORY_READ,
    /// The projection of what was pooled.
    MEMORY_ADD,
    LOGITS
}
