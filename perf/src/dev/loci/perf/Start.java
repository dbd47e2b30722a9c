package dev.loci.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// `perf/start`: how long a server takes from its start to the first token of an answer, and what memory it holds then.
final class Start {
    private static final String USAGE = """
            usage: perf/start [OPTION]... [-- OPTION OF loci serve...]   from the start to the first token

            --runs N (7)  --native: the executable instead of the JVM  --limit-ms T, --limit-mib M: what medians must keep
            --json FILE: all runs""";

    private static final String BODY = "{\"prompt\":\"Once upon a time\",\"max_tokens\":1,\"stream\":true,\"temperature\":0}";
    private static final long GIVE_UP_SECONDS = 60;

    /// @param listening milliseconds until a connection was taken
    /// @param token     milliseconds until the first token came
    /// @param mib       memory of the process beyond mapped files then
    private record Run(double listening, double token, double mib) {}

    private Start() {}

    public static void main(String[] words) {
        Programs.run("start", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help", "native"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int count = arguments.integer("runs", 7);
        boolean image = arguments.flag("native");
        double limitMillis = arguments.number("limit-ms", image ? 250 : 1500);
        double limitMib = arguments.number("limit-mib", image ? 150 : 350);
        String json = arguments.text("json", "");
        arguments.refuseOthers();
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("loci.root"), "loci").toString()));
        if (image) {
            command.add("--native");
        }
        command.addAll(List.of("serve", "--host", "127.0.0.1"));
        command.addAll(arguments.rest());
        List<Run> runs = new ArrayList<>();
        once(command); // builds what is missing, and fills the page cache
        for (int i = 0; i < count; i++) {
            Run run = once(command);
            runs.add(run);
            System.out.printf(
                    "listening %.0f ms, first token %.0f ms, RssAnon %.0f MiB%n",
                    run.listening(), run.token(), run.mib());
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("listening_ms", median(runs.stream().map(Run::listening).toList()));
        figures.put("first_token_ms", median(runs.stream().map(Run::token).toList()));
        figures.put("rss_anon_mib", median(runs.stream().map(Run::mib).toList()));
        if (!json.isEmpty()) {
            figures.put("first_token_ms_runs", runs.stream().map(Run::token).toList());
            figures.put("rss_anon_mib_runs", runs.stream().map(Run::mib).toList());
            Files.writeString(Path.of(json), Json.write(figures) + "\n");
        }
        boolean soon = Programs.check(
                (double) figures.get("first_token_ms") < limitMillis,
                String.format("median of %d: first token under %.0f ms", count, limitMillis),
                String.format("%.0f ms", figures.get("first_token_ms")));
        boolean small = Programs.check(
                (double) figures.get("rss_anon_mib") < limitMib,
                String.format("median of %d: RssAnon under %.0f MiB", count, limitMib),
                String.format("%.0f MiB", figures.get("rss_anon_mib")));
        return soon && small ? 0 : 1;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static Run once(List<String> command) throws IOException, InterruptedException {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of("--port", "" + port));
        Path log = Files.createDirectories(Path.of(System.getProperty("loci.root"), "target/perf"))
                .resolve("start.log");
        long start = System.nanoTime();
        Process process = new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
        try (Socket socket = connected(process, port, log)) {
            double listening = (System.nanoTime() - start) / 1e6;
            firstToken(socket);
            double token = (System.nanoTime() - start) / 1e6;
            long anonymous = new ServerProcess(process.pid())
                    .memory("RssAnon")
                    .orElseThrow(() -> new Arguments.Wrong("/proc: expected RssAnon of the server, found none"));
            return new Run(listening, token, anonymous / 1048576.0);
        } finally {
            process.destroy();
            if (!process.waitFor(GIVE_UP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private static Socket connected(Process process, int port, Path log) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(600);
        while (process.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(2);
            }
        }
        throw new Arguments.Wrong("server: expected one that listens, found none; see " + log);
    }

    private static void firstToken(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        socket.getOutputStream()
                .write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                                + body.length + "\r\n\r\n" + BODY)
                        .getBytes(StandardCharsets.UTF_8));
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        if (line == null || !line.startsWith("HTTP/1.1 200")) {
            throw new Arguments.Wrong("server: expected an answer, found " + line);
        }
        while ((line = lines.readLine()) != null) {
            if (line.startsWith("data: {")) {
                return;
            }
        }
        throw new Arguments.Wrong("server: expected a token, found the end of the answer");
    }
}
