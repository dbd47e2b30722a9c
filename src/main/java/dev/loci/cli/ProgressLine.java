package dev.loci.cli;

import dev.loci.store.ProgressListener;
import java.io.PrintStream;

/// One line on a terminal that says how far a long piece of work is; nothing where no person looks. Used by one thread.
final class ProgressLine implements ProgressListener, AutoCloseable {
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final String CLEAR = "\r\u001b[K";

    private final Streams streams;
    private final String what;
    private final long startNanos = System.nanoTime();
    private long shownNanos = startNanos - INTERVAL_NANOS;

    ProgressLine(Streams streams, String what) {
        this.streams = streams;
        this.what = what;
    }

    @Override
    public void progress(long doneBytes, long totalBytes) {
        long now = System.nanoTime();
        if (!streams.terminal() || now - shownNanos < INTERVAL_NANOS) {
            return;
        }
        shownNanos = now;
        PrintStream err = streams.err();
        err.print(CLEAR + what + ": " + Sizes.bytes(doneBytes));
        if (totalBytes > 0) {
            err.print(" of " + Sizes.bytes(totalBytes) + ", " + doneBytes * 100 / totalBytes + " %");
        }
        double seconds = (now - startNanos) / 1e9;
        if (seconds > 1) {
            err.print(", " + Sizes.bytes((long) (doneBytes / seconds)) + "/s");
        }
        err.flush();
    }

    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    @Override
    public void close() {
        if (streams.terminal()) {
            streams.err().print(CLEAR);
            streams.err().flush();
        }
    }
}
