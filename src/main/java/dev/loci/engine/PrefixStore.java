package dev.loci.engine;

import java.lang.foreign.MemorySegment;

/// Pages of keys and values of common prompts, kept outside the engine's memory. Used by one thread of the engine's,
/// never by the step loop, so it may be slow; a store that fails goes quiet instead of throwing; one that throws loses
/// the page at hand.
public interface PrefixStore extends AutoCloseable {
    /// Reads a page.
    /// @param id   32 bytes: digest of the model, the cache's type and all ids up to the page's end
    /// @param page receives the page's bytes; untouched where it is not there
    /// @return whether it was there
    boolean read(byte[] id, MemorySegment page);

    /// Keeps a page, unless it is there already or there is no room.
    void write(byte[] id, MemorySegment page);

    @Override
    void close();
}
