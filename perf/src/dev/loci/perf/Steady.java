package dev.loci.perf;

import java.util.ArrayList;
import java.util.List;

/// Warms a server up until it gets no faster: otherwise what is compared is also how far its code has been compiled.
final class Steady {
    private static final double WINDOW_SECONDS = 3;
    private static final double CAP_SECONDS = 100;
    /// What the next window may be faster by where nothing rises any more.
    private static final double NOISE = 0.03;
    /// One round without a rise may be one that other work disturbed.
    private static final int QUIET_ROUNDS = 2;

    private Steady() {}

    /// Windows of each number of clients in turns, until two rounds bring nothing faster; at most 100 s.
    static void warmUp(Http http, Workload workload, int... clients) throws InterruptedException {
        long start = System.nanoTime();
        double[] best = new double[clients.length];
        int quiet = 0;
        for (int round = 1; quiet < QUIET_ROUNDS; round++) {
            boolean rising = false;
            List<String> rates = new ArrayList<>();
            for (int i = 0; i < clients.length; i++) {
                if ((System.nanoTime() - start) / 1e9 + WINDOW_SECONDS > CAP_SECONDS) {
                    System.out.println("warm-up: not known to be steady after " + Report.number(CAP_SECONDS) + " s");
                    return;
                }
                double rate = rate(http, workload.reseeded(-(round * (long) clients.length + i)), clients[i]);
                rising |= rate > best[i] * (1 + NOISE);
                best[i] = Math.max(best[i], rate);
                rates.add(Report.number(rate) + " tok/s at " + clients[i]);
            }
            quiet = rising ? 0 : quiet + 1;
            System.out.println("warm-up: " + String.join(", ", rates));
        }
    }

    private static double rate(Http http, Workload workload, int clients) throws InterruptedException {
        Load.Arrivals arrivals = new Load.Arrivals(clients, 20, 0, WINDOW_SECONDS, 0);
        return new Report(new Load(http, workload, arrivals).run(), new Report.Slo(2000, 100)).tokensPerSecond();
    }
}
