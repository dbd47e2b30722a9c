package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `perf/prefix-pays`: from which length on a prompt is fetched from the persistent prefix cache sooner than it is
/// computed again.
final class PrefixPays {
    private static final String USAGE = """
            usage: perf/prefix-pays [OPTION]... [-- OPTION OF loci serve...]   prompts fetched after a restart, or computed

            --lengths L,... (64,128,256,512,960) tokens  --prompts N (15) of each length and kind  --vocab V (16384) ids
            --open-s S (10): after which a server has opened its file""";

    private static final int FIRST_ID = 300;
    private static final int PAGE_TOKENS = 16;
    private static final int PROBES = 100;
    private static final int PROBE_TOKENS = 40;

    private record Answer(double millis, int cachedTokens) {}

    private final int vocab;

    private PrefixPays(int vocab) {
        this.vocab = vocab;
    }

    public static void main(String[] words) {
        Programs.run("prefix-pays", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        List<Integer> lengths = Stream.of(
                        arguments.text("lengths", "64,128,256,512,960").split(","))
                .map(length -> Arguments.integerOf("lengths", length))
                .toList();
        int prompts = arguments.integer("prompts", 15);
        int openSeconds = arguments.integer("open-s", 10);
        PrefixPays measured = new PrefixPays(arguments.integer("vocab", 16384));
        arguments.refuseOthers();
        Path folder = Files.createTempDirectory("loci-prefix-pays-");
        try {
            List<String> options = Programs.options(arguments, "--prefix-cache-dir", folder.toString());
            try (ServerProcess.Started server = ServerProcess.Started.start("prefix-pays", options, "")) {
                TimeUnit.SECONDS.sleep(openSeconds);
                measured.write(server.http(), lengths, prompts);
                TimeUnit.SECONDS.sleep(2); // what is written behind
            }
            try (ServerProcess.Started server = ServerProcess.Started.start("prefix-pays-again", options, "")) {
                return measured.compare(server.http(), lengths, prompts);
            }
        } finally {
            delete(folder);
        }
    }

    private void write(Http http, List<Integer> lengths, int prompts) throws IOException {
        for (int number = 0; number < PROBES; number++) {
            ask(http, PROBE_TOKENS, number);
        }
        for (int length : lengths) {
            for (int number = 0; number < prompts; number++) {
                ask(http, length, number);
            }
        }
    }

    /// Fetches and computes in turn, so that neither has a better moment.
    private int compare(Http http, List<Integer> lengths, int prompts) throws IOException, InterruptedException {
        int probe = 0;
        while (ask(http, PROBE_TOKENS, probe).cachedTokens() == 0) {
            if (++probe == PROBES) {
                throw new Arguments.Wrong("server: expected prompts in its file, found none; is --open-s too short?");
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        for (int warm = 0; warm < 40; warm++) {
            ask(http, 512, -1 - warm);
        }
        int pays = -1;
        System.out.println("prompt tokens   fetched ms   computed ms   (medians to the first token)   share");
        for (int length : lengths) {
            List<Double> fetched = new ArrayList<>();
            List<Double> computed = new ArrayList<>();
            for (int number = 0; number < prompts; number++) {
                Answer stored = ask(http, length, number);
                if (stored.cachedTokens() >= length - PAGE_TOKENS) {
                    fetched.add(stored.millis());
                }
                computed.add(ask(http, length, prompts + number).millis());
            }
            if (fetched.size() < (prompts + 1) / 2) {
                throw new Arguments.Wrong("file: expected most prompts of " + length + " tokens, found "
                        + fetched.size() + " of " + prompts);
            }
            double share = median(fetched) / median(computed);
            System.out.printf(
                    "%13d   %10.2f   %11.2f   (%d of %d found)   %.2f%n",
                    length, median(fetched), median(computed), fetched.size(), prompts, share);
            pays = share >= 1 ? -1 : pays < 0 ? length : pays;
        }
        return Programs.check(
                        pays >= 0, "fetching pays", pays < 0 ? "at no length" : "from " + pays + " tokens on")
                ? 0
                : 1;
    }

    private Answer ask(Http http, int length, int number) throws IOException {
        Random random = new Random(length * 100_003L + number);
        List<Integer> prompt = random.ints(length, FIRST_ID, vocab).boxed().toList();
        byte[] request = http.post(
                "/v1/completions", "", "{\"prompt\":" + prompt + ",\"max_tokens\":1,\"temperature\":0}");
        long start = System.nanoTime();
        Http.Reply reply = http.whole(request);
        double millis = (System.nanoTime() - start) / 1e6;
        if (reply.status() != 200) {
            throw new IOException("status " + reply.status() + ": " + reply.body());
        }
        Object cached = Json.at(Json.parse(reply.body()), "usage", "prompt_tokens_details", "cached_tokens");
        return new Answer(millis, cached instanceof Number tokens ? tokens.intValue() : 0);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
