package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `perf/serve`: load on any server with OpenAI's API.
final class Serve {
    private static final String USAGE = """
            usage: perf/serve [OPTION]...   load on a server with OpenAI's API; streams completions

            where       --url URL (http://localhost:8080)  --endpoint completions|chat  --model NAME (the server's first)
            arrivals    --closed N (1) clients, or --rate R requests a second, Poisson
                        --seconds S (30) to measure, or --requests K to answer  --stagger-ms M  --warmup K (0) requests
            requests    --prompt-tokens P (64)  --new-tokens A[:B] (64)  --sharegpt lengths  --context-tokens C (1024)
                        --text words instead of ids  --vocab V (16384) ids  --ignore-eos  --temperature T (0)
                        --prefix-tokens T --prefix-share F (1) --prefixes M (1): repeated beginnings of T more tokens
                        --cancel-share F (0) of clients leave  --timeout-s S (120)  --seed N (1)  --no-usage
            keys        --keys light:1,heavy:100, or for each --key name=N[,rate=R][,prompt=P][,new=A:B][,clients=N]
            results     --slo-ttft-ms M (2000)  --slo-tpot-ms M (100)  --json FILE  --pid PID of the server

            Exit code 1 where a request failed other than with 429 or 503, or by leaving.""";

    private Serve() {}

    public static void main(String[] words) {
        Programs.run("serve", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Set<String> flags = new HashSet<>(Workload.FLAGS);
        flags.add("help");
        Arguments arguments = Arguments.parse(words, flags);
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        Http http = new Http(arguments.text("url", "http://localhost:8080"));
        Optional<String> named = arguments.find("model");
        String json = arguments.text("json", "");
        int warmup = arguments.integer("warmup", 0);
        int pid = arguments.integer("pid", 0);
        Report.Slo slo = Report.Slo.parse(arguments);
        Load.Arrivals arrivals = arrivals(arguments);
        Workload unnamed = Workload.parse(arguments, "");
        arguments.refuseOthers();
        Workload workload = Workload.parse(arguments, named.isPresent() ? named.get() : Programs.model(http));
        int clients = Math.max(
                arrivals.clients(),
                unnamed.keys().stream().mapToInt(Workload.Key::clients).sum());
        if (warmup > 0) {
            new Load(http, workload.reseeded(~workload.seed()), Load.Arrivals.count(clients == 0 ? 8 : clients, warmup))
                    .run();
        }
        Load.Result result = new Load(http, workload, arrivals).run();
        Report report = new Report(result, slo);
        Map<String, Object> figures = new LinkedHashMap<>(report.figures());
        Optional<ServerProcess> server = pid > 0
                ? Optional.of(new ServerProcess(pid))
                : http.isLocal() ? ServerProcess.listeningOn(http.port()) : Optional.empty();
        server.ifPresent(process ->
                process.memory("VmRSS").ifPresent(bytes -> figures.put("server_rss_mib", bytes / 1048576.0)));
        System.out.println(Report.text(figures));
        if (result.after().isEmpty()) {
            System.out.println("(no /q/stats: figures of the engine are left out)");
        }
        if (!json.isEmpty()) {
            Files.writeString(Path.of(json), Json.write(figures) + "\n");
        }
        return report.count(Outcome.Kind.FAILED) > 0 ? 1 : 0;
    }

    private static Load.Arrivals arrivals(Arguments arguments) {
        int closed = arguments.integer("closed", 0);
        double rate = arguments.number("rate", 0);
        int requests = arguments.integer("requests", 0);
        double seconds = arguments.number("seconds", requests > 0 ? 0 : 30);
        if (closed > 0 && rate > 0) {
            throw new Arguments.Wrong("--closed, --rate: expected one of them, found both");
        }
        int clients = rate > 0 ? 0 : Math.max(1, closed);
        int stagger = arguments.integer("stagger-ms", clients == 0 ? 0 : Math.max(20, 1000 / clients));
        return new Load.Arrivals(clients, stagger, rate, seconds, requests);
    }
}
