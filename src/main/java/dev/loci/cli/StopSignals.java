package dev.loci.cli;

import java.util.concurrent.atomic.AtomicInteger;

/// What SIGTERM and Ctrl-C do to a server: the first lets it drain, the second breaks off what is still under way, and
/// the third ends the process where it stands.
final class StopSignals {
    private static final int EXIT_BASE = 128;
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    private final Runnable hurry;
    private final AtomicInteger count = new AtomicInteger();

    private StopSignals(Runnable hurry) {
        this.hurry = hurry;
    }

    /// Hears them for the rest of the process.
    /// @param hurry ends a drain
    static void hear(Runnable hurry) {
        StopSignals stops = new StopSignals(hurry);
        Signals.on(Signals.INTERRUPT, () -> stops.received(EXIT_BASE + SIGINT));
        Signals.on(Signals.TERMINATE, () -> stops.received(EXIT_BASE + SIGTERM));
    }

    private void received(int code) {
        switch (count.incrementAndGet()) {
            case 1 -> System.exit(code);
            case 2 -> hurry.run();
            default -> Runtime.getRuntime().halt(code);
        }
    }
}
