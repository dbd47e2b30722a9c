package dev.loci.perf;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/// `perf/fairness`: how long a light key waits beside one that sends a hundred times more.
final class Fairness {
    private static final String USAGE = """
            usage: perf/fairness [OPTION]... [-- OPTION OF loci serve...]   a light key beside a heavy one

            --rate R (1) requests a second of the light key  --times T (100): the heavy one's rate is T times that
            --seconds S (120) of each run  --light-prompt P (32)  --heavy-prompt P (200)  --new-tokens A:B (16:32)""";

    private Fairness() {}

    public static void main(String[] words) {
        Programs.run("fairness", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        double rate = arguments.number("rate", 1);
        double times = arguments.number("times", 100);
        double seconds = arguments.number("seconds", 120);
        String news = arguments.text("new-tokens", "16:32");
        String light = "name=light,rate=1,new=" + news + ",prompt=" + arguments.integer("light-prompt", 32);
        String heavy =
                "name=heavy,rate=" + times + ",new=" + news + ",prompt=" + arguments.integer("heavy-prompt", 200);
        arguments.refuseOthers();
        Workload unnamed = Workload.parse(
                Arguments.parse(
                        new String[] {"--ignore-eos", "--timeout-s", "600", "--key", light, "--key", heavy},
                        Workload.FLAGS),
                "");
        try (ServerProcess.Started server = ServerProcess.Started.start("fairness", arguments.rest(), "")) {
            Workload both = unnamed.asking(server.model());
            Workload alone = both.withKeys(List.of(both.keys().getFirst()));
            Programs.warmUp(server.http(), both, 16);
            Report quiet = measure(server.http(), alone.reseeded(1), Load.Arrivals.poisson(rate, seconds), "alone");
            Report beside = measure(
                    server.http(),
                    both.reseeded(2),
                    Load.Arrivals.poisson(rate * (1 + times), seconds),
                    "beside the heavy key");
            double before = Report.percentile(quiet.ttft(Fairness::isLight), 99);
            double after = Report.percentile(beside.ttft(Fairness::isLight), 99);
            double limit = Math.max(100, 5 * before);
            boolean holds = Programs.check(
                    after <= limit,
                    "the light key's p99 TTFT within 5 times of being alone or 100 ms",
                    Report.number(before) + " ms alone, " + Report.number(after) + " ms beside the heavy key, limit "
                            + Report.number(limit) + " ms");
            holds &= Programs.check(
                    beside.reasons(Outcome.Kind.REFUSED, Fairness::isLight).isEmpty(),
                    "none of the light key's requests is refused",
                    beside.reasons(Outcome.Kind.REFUSED, Fairness::isLight).toString());
            long failed = quiet.count(Outcome.Kind.FAILED) + beside.count(Outcome.Kind.FAILED);
            holds &= Programs.check(
                    failed == 0,
                    "no request fails",
                    beside.reasons(Outcome.Kind.FAILED).toString());
            return holds ? 0 : 1;
        }
    }

    private static boolean isLight(Outcome outcome) {
        return outcome.key().equals("light");
    }

    private static Report measure(Http http, Workload workload, Load.Arrivals arrivals, String what)
            throws InterruptedException {
        Report report = new Report(new Load(http, workload, arrivals).run(), new Report.Slo(2000, 100));
        System.out.println("-- " + what);
        System.out.println(Report.text(report.figures()));
        return report;
    }
}
