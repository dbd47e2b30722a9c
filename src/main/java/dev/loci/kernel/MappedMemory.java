package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/// What the operating system can be told and asked about mapped files. Thread-safe.
public interface MappedMemory {
    enum Advice {
        /// Pages are touched at random: no read-ahead.
        RANDOM(0),
        HUGE_PAGES(1),
        WILL_NEED(2),
        /// Pages may be dropped from this process.
        DROP(3),
        /// Pages are read and mapped now, before this returns.
        POPULATE(4);

        private final int code;

        Advice(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    /// Guards a whole mapping against a file that shrinks: reads beyond the file's new end give zeros and are counted
    /// in
    /// [#faults] instead of ending the process. Remove the guard before the mapping is closed.
    void guard(MemorySegment mapping);

    void unguard(MemorySegment mapping);

    /// Pages of guarded mappings that were lost to a shrunken file since the start of the process.
    long faults();

    /// Memory of zeros outside the heap, page-aligned, which takes RAM page by page as it is written.
    /// @param hugePages in huge pages, where the system has them; aligned to 2 MiB then
    /// @param arena     frees it
    MemorySegment allocate(long bytes, boolean hugePages, Arena arena);

    /// Whether the advice was taken; the system may refuse, as some refuse huge pages for files.
    boolean advise(MemorySegment mapping, Advice advice);

    /// Faults of this process, since its start, that had to wait for a disk; 0 where that cannot be known.
    long majorFaults();

    /// Bytes of the mapping whose pages are in RAM; empty where that cannot be known.
    OptionalLong residentBytes(MemorySegment mapping);
}
