package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// `perf/soak`: a server under load for a long time, with clients that leave; nothing may grow, nothing fail.
final class Soak {
    private static final String USAGE = """
            usage: perf/soak [OPTION]... [-- OPTION OF loci serve...]   a long load, with clients that leave

            --native: the executable instead of the JVM  --minutes M (20)  --clients N (12)  --cancel-share F (0.3)
            --rss-mib M (32) --threads N (8) --files N (8): what the server may hold more than after the first fifth""";
    private static final int PARTS = 5;

    private Soak() {}

    public static void main(String[] words) {
        Programs.run("soak", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help", "native"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        boolean image = arguments.flag("native");
        double minutes = arguments.number("minutes", 20);
        int clients = arguments.integer("clients", 12);
        String cancels = arguments.text("cancel-share", "0.3");
        Map<String, Long> allowed = Map.of(
                "threads", (long) arguments.integer("threads", 8),
                "file_descriptors", (long) arguments.integer("files", 8),
                "rss_anon_bytes", arguments.integer("rss-mib", 32) * 1048576L);
        arguments.refuseOthers();
        String[] shape = {
            "--prompt-tokens", "64", "--new-tokens", "8:200", "--ignore-eos", "--cancel-share", cancels, "--endpoint", "chat"
        };
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("loci.root"), "loci").toString()));
        if (image) {
            command.add("--native");
        }
        command.add("serve");
        command.addAll(arguments.rest());
        try (ServerProcess.Started server = ServerProcess.Started.startCommand("soak", command, "")) {
            Workload workload = Workload.parse(Arguments.parse(shape, Workload.FLAGS), server.model());
            long failed = 0;
            long answered = 0;
            Map<String, Long> first = Map.of();
            Map<String, Long> last = Map.of();
            for (int part = 0; part < PARTS; part++) {
                Load.Arrivals arrivals = Load.Arrivals.closed(clients, minutes * 60 / PARTS);
                Report report = new Report(
                        new Load(server.http(), workload.reseeded(part), arrivals).run(), new Report.Slo(2000, 100));
                failed += report.count(Outcome.Kind.FAILED) + report.count(Outcome.Kind.REFUSED);
                answered += report.count(Outcome.Kind.OK);
                server.http().closeIdle();
                TimeUnit.SECONDS.sleep(3);
                last = server.holder().holdings();
                first = part == 0 ? last : first;
                System.out.println("part " + (part + 1) + ": " + report.total() + " requests, held " + last);
            }
            boolean holds = Programs.check(failed == 0, "no request fails or is refused", failed + " of " + answered);
            for (Map.Entry<String, Long> limit : allowed.entrySet()) {
                long grown = last.get(limit.getKey()) - first.get(limit.getKey());
                holds &= Programs.check(
                        grown <= limit.getValue(),
                        limit.getKey() + " grow by at most " + limit.getValue(),
                        String.valueOf(grown));
            }
            long term = System.nanoTime();
            server.process().destroy();
            boolean ended = server.process().waitFor(60, TimeUnit.SECONDS);
            return Programs.check(
                            ended, "SIGTERM ends it", (System.nanoTime() - term) / 1_000_000 + " ms")
                    && holds
                    ? 0
                    : 1;
        }
    }
}
