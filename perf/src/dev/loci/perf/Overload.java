package dev.loci.perf;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// `perf/overload`: what a server does at three times the rate that it can sustain.
final class Overload {
    private static final String USAGE = """
            usage: perf/overload [OPTION]... [-- OPTION OF loci serve...]   three times the sustainable rate

            --rate R requests a second that are sustainable (found where not given)  --times T (3)
            --seconds S (120) of overload  --probe-seconds S (20) of each rate that is tried  --max-queue N (16)
            --prompt-tokens P (64)  --new-tokens A:B (32:96)  --slo-ttft-ms M (2000)  --slo-tpot-ms M (100)""";
    private static final int[] CAPACITY_CLIENTS = {16, 32};
    /// Of the capacity that a closed loop finds: Poisson arrivals come in bunches, so all of it is never sustainable.
    private static final double[] SHARES = {0.9, 0.8, 0.7, 0.6, 0.5, 0.4};

    private final Http http;
    private final Workload workload;
    private final Report.Slo slo;
    private long seed = 1;

    private Overload(Http http, Workload workload, Report.Slo slo) {
        this.http = http;
        this.workload = workload;
        this.slo = slo;
    }

    public static void main(String[] words) {
        Programs.run("overload", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        double rate = arguments.number("rate", 0);
        double times = arguments.number("times", 3);
        double seconds = arguments.number("seconds", 120);
        double probe = arguments.number("probe-seconds", 20);
        int queue = arguments.integer("max-queue", 16);
        Report.Slo slo = Report.Slo.parse(arguments);
        String prompt = arguments.text("prompt-tokens", "64");
        String news = arguments.text("new-tokens", "32:96");
        arguments.refuseOthers();
        Workload workload = Workload.parse(
                Arguments.parse(
                        new String[] {
                            "--prompt-tokens", prompt, "--new-tokens", news, "--ignore-eos", "--timeout-s", "600"
                        },
                        Workload.FLAGS),
                "");
        try (ServerProcess.Started server =
                ServerProcess.Started.start("overload", Programs.options(arguments, "--max-queue", "" + queue), "")) {
            Overload overload = new Overload(server.http(), workload.asking(server.model()), slo);
            Programs.warmUp(server.http(), overload.workload, 16);
            double sustainable = rate > 0 ? rate : overload.sustainable(probe);
            return overload.measure(sustainable, times, seconds);
        }
    }

    private double sustainable(double seconds) throws InterruptedException {
        double capacity = 0;
        for (int clients : CAPACITY_CLIENTS) {
            double found = report(Load.Arrivals.closed(clients, seconds)).finishedPerSecond();
            System.out.println("closed loop: " + Report.number(found) + " requests/s at " + clients + " clients");
            capacity = Math.max(capacity, found);
        }
        for (double share : SHARES) {
            double rate = share * capacity;
            Report report = report(Load.Arrivals.poisson(rate, seconds));
            boolean sustained = report.goodShare() >= 0.99
                    && report.count(Outcome.Kind.REFUSED) + report.count(Outcome.Kind.FAILED) == 0;
            System.out.println("at " + Report.number(rate) + " requests/s: " + Report.number(100 * report.goodShare())
                    + " % of the admitted within the SLO, " + report.count(Outcome.Kind.REFUSED) + " refused");
            if (sustained) {
                return rate;
            }
        }
        throw new Arguments.Wrong("sustainable rate: expected one of at least " + SHARES[SHARES.length - 1]
                + " of the capacity, found none; give --rate");
    }

    private int measure(double rate, double times, double seconds) throws InterruptedException {
        Report normal = report(Load.Arrivals.poisson(rate, Math.max(30, seconds / 2)));
        print("sustainable, " + Report.number(rate) + " requests/s", normal);
        Report heavy = report(Load.Arrivals.poisson(rate * times, seconds));
        print("overload, " + Report.number(rate * times) + " requests/s", heavy);
        double goodput = heavy.goodput() / normal.goodput();
        double p99 = Report.percentile(heavy.ttft(outcome -> outcome.kind() == Outcome.Kind.OK), 99);
        Map<String, Long> refusals = heavy.reasons(Outcome.Kind.REFUSED);
        refusals.remove("status 429");
        long without = heavy.without(429);
        boolean holds = Programs.check(
                heavy.count(Outcome.Kind.FAILED) == 0 && refusals.isEmpty(),
                "no error but 429",
                heavy.reasons(Outcome.Kind.FAILED) + " " + refusals);
        holds &= Programs.check(
                heavy.count(Outcome.Kind.REFUSED) > 0,
                "some are refused (where none is, the rate was no overload: measure again, or give --rate)",
                heavy.count(Outcome.Kind.REFUSED) + " of " + heavy.total());
        holds &= Programs.check(without == 0, "every 429 names Retry-After", without + " do not");
        holds &= Programs.check(
                p99 <= slo.ttftMillis(),
                "p99 TTFT of the admitted within " + Report.number(slo.ttftMillis()) + " ms",
                Report.number(p99) + " ms");
        holds &= Programs.check(
                goodput >= 0.9,
                "goodput at least 90 % of that at the sustainable rate",
                Report.number(100 * goodput) + " %");
        return holds ? 0 : 1;
    }

    private Report report(Load.Arrivals arrivals) throws InterruptedException {
        return new Report(new Load(http, workload.reseeded(seed++), arrivals).run(), slo);
    }

    private static void print(String what, Report report) {
        System.out.println("-- " + what);
        System.out.println(Report.text(report.figures()));
    }
}
