package dev.loci.store;

/// Hears how far a long piece of work is, on the thread that does it.
@FunctionalInterface
public interface ProgressListener {
    ProgressListener NONE = (doneBytes, totalBytes) -> {};

    void progress(long doneBytes, long totalBytes);
}
