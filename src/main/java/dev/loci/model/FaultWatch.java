package dev.loci.model;

import java.util.function.LongSupplier;

/// Counts major faults while rows are gathered. Used by one thread.
///
/// Asking the system takes more than a microsecond, and a short step gathers in ten. A major fault waits for a disk,
/// so a gather that was quick had none and nobody is asked. What is counted is of the whole process; other parts of it
/// can add to it only what they had in the [#STALE_NANOS] before a slow gather and during it.
final class FaultWatch {
    static final long SLOW_NANOS = 25_000;
    static final long STALE_NANOS = 5_000_000;

    private final LongSupplier faults;
    private long known;
    private long asked;
    private boolean faulting;

    /// @param faults major faults of the process so far
    FaultWatch(LongSupplier faults) {
        this.faults = faults;
        this.known = faults.getAsLong();
        this.asked = System.nanoTime();
    }

    /// A gather begins.
    void begin(long now) {
        if (faulting || now - asked > STALE_NANOS) {
            known = faults.getAsLong();
            asked = now;
        }
    }

    /// It has ended.
    /// @return major faults meanwhile
    long end(long now, long nanos) {
        if (nanos < SLOW_NANOS) {
            faulting = false;
            return 0;
        }
        long total = faults.getAsLong();
        long more = total - known;
        known = total;
        asked = now;
        faulting = more > 0;
        return more;
    }
}
