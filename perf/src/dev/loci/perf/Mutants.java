package dev.loci.perf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// `perf/mutants`: requests that are almost right, and bytes that are none; no answer is the server's mistake, and the
/// next right request is answered.
final class Mutants {
    private static final String USAGE = """
            usage: perf/mutants [OPTION]... [-- OPTION OF loci serve...]   random and mutated requests

            --requests N (100000)  --clients N (16) at once at most  --seed N (1)
            --wait MS (300) for the answer to each; a request that is cut off has none""";
    private static final int EACH = 1000;
    private static final int MAX_SHOWN = 20;

    private final Http http;
    private final String model;
    private final int waitMillis;
    private final long seed;
    private final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();
    private final AtomicInteger wrong = new AtomicInteger();

    private Mutants(Http http, String model, int waitMillis, long seed) {
        this.http = http;
        this.model = model;
        this.waitMillis = waitMillis;
        this.seed = seed;
    }

    public static void main(String[] words) {
        Programs.run("mutants", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int requests = arguments.integer("requests", 100_000);
        int clients = arguments.integer("clients", 16);
        int wait = arguments.integer("wait", 300);
        int seed = arguments.integer("seed", 1);
        List<String> options = Programs.options(arguments, "--max-queue", "32");
        arguments.refuseOthers();
        try (ServerProcess.Started server = ServerProcess.Started.start("mutants", options, "-Xmx512m")) {
            Mutants mutants = new Mutants(server.http(), server.model(), wait, seed);
            boolean answered = mutants.good();
            for (int sent = 0; sent < requests; sent += EACH) {
                Crowd.send(sent, Math.min(requests, sent + EACH), clients, mutants::judge);
                boolean next = mutants.good();
                answered &= next;
                if (!next || (sent / EACH) % 10 == 9) {
                    System.out.println((sent + EACH) + " sent, " + mutants.wrong + " wrong, next good request "
                            + (next ? "answered" : "NOT answered"));
                }
            }
            System.out.println("answers by status: " + new TreeMap<>(mutants.ends));
            boolean holds = Programs.check(mutants.wrong.get() == 0, "no status of 5xx", mutants.wrong + " of them");
            holds &= Programs.check(answered, "the next good request answers, each time", "" + answered);
            holds &= Programs.check(server.process().isAlive(), "the server lives", "" + server.process().isAlive());
            return holds ? 0 : 1;
        }
    }

    private boolean good() throws IOException {
        byte[] request = http.post(
                "/v1/completions",
                "",
                "{\"model\":\"" + model + "\",\"prompt\":\"Once\",\"max_tokens\":1,\"temperature\":0}");
        return http.whole(request).status() == 200;
    }

    private void judge(int index) {
        byte[] request = MutantCases.draw(new SplittableRandom(seed * 1_000_003L + index), model);
        String end;
        try {
            end = status(request);
        } catch (IOException e) {
            end = "connection closed";
        }
        ends.computeIfAbsent(end, _ -> new AtomicInteger()).incrementAndGet();
        if (end.startsWith("5") && wrong.incrementAndGet() <= MAX_SHOWN) {
            String text = new String(request, StandardCharsets.ISO_8859_1);
            System.out.println("request " + index + ": " + end + " to "
                    + text.substring(0, Math.min(600, text.length())).replaceAll("[^ -~]", "?"));
        }
    }

    /// The status of the first answer.
    private String status(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            socket.setSoTimeout(waitMillis);
            OutputStream out = socket.getOutputStream();
            out.write(request);
            out.flush();
            InputStream in = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
            for (int c = in.read(); c >= 0 && c != '\r' && System.nanoTime() - deadline < 0; c = in.read()) {
                line.append((char) c);
            }
            String[] words = line.toString().split(" ");
            return line.isEmpty() ? "connection closed" : words.length > 1 ? words[1] : "WRONG: " + line;
        } catch (SocketTimeoutException e) {
            return "no answer in time";
        }
    }
}
