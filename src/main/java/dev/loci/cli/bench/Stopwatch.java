package dev.loci.cli.bench;

import java.util.ArrayList;
import java.util.List;

/// Times calls.
/// @param runs     of each figure
/// @param runNanos that a run takes at least, by repeating the call
record Stopwatch(int runs, long runNanos) {
    /// Seconds that a call takes, by run; a first call is not counted.
    List<Double> seconds(Runnable call) {
        call.run();
        List<Double> seconds = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            long calls = 0;
            long start = System.nanoTime();
            long now = start;
            while (calls == 0 || now - start < runNanos) {
                call.run();
                calls++;
                now = System.nanoTime();
            }
            seconds.add((now - start) / 1e9 / calls);
        }
        return seconds;
    }

    /// Amounts a second, by run.
    List<Double> rates(double amount, Runnable call) {
        return seconds(call).stream().map(each -> amount / each).toList();
    }

    /// Nanoseconds of one call.
    static long once(Runnable call) {
        long start = System.nanoTime();
        call.run();
        return Math.max(1, System.nanoTime() - start);
    }
}
