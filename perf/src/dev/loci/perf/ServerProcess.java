package dev.loci.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A process of this machine, and what Linux says it holds.
final class ServerProcess {
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private static final int COLLECTIONS = 3;

    private final long pid;

    ServerProcess(long pid) {
        this.pid = pid;
    }

    long pid() {
        return pid;
    }

    /// The process that listens on a port, if this user may see it.
    static Optional<ServerProcess> listeningOn(int port) {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            List<String> sockets = new ArrayList<>();
            for (String file : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                for (String line :
                        Files.exists(Path.of(file)) ? Files.readAllLines(Path.of(file)) : List.<String>of()) {
                    String[] fields = line.trim().split("\\s+");
                    if (fields[1].endsWith(String.format(":%04X", port)) && fields[3].equals("0A")) {
                        sockets.add("socket:[" + fields[9] + "]");
                    }
                }
            }
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+") && holds(process, sockets))
                    .findFirst()
                    .map(process -> new ServerProcess(
                            Long.parseLong(process.getFileName().toString())));
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static boolean holds(Path process, List<String> sockets) {
        try (Stream<Path> files = Files.list(process.resolve("fd"))) {
            return files.anyMatch(file -> {
                try {
                    return sockets.contains(Files.readSymbolicLink(file).toString());
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    /// Bytes of a line of `/proc/PID/status`, such as `VmRSS` or `RssAnon`.
    OptionalLong memory(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.split("\\s+")[1]) * 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /// What must be back when a server has nothing more to do.
    Map<String, Long> holdings() {
        OptionalLong heap = liveHeap();
        Map<String, Long> holdings = new LinkedHashMap<>();
        holdings.put("threads", entries("task"));
        holdings.put("file_descriptors", entries("fd"));
        memory("VmRSS").ifPresent(bytes -> holdings.put("rss_bytes", bytes));
        memory("RssAnon").ifPresent(bytes -> holdings.put("rss_anon_bytes", bytes));
        heap.ifPresent(bytes -> holdings.put("heap_bytes", bytes));
        return holdings;
    }

    /// The least that several collections leave: what cleaners hold goes with the second, what threads allocate
    /// meanwhile is garbage of the next, and a collection that was under way already leaves what died since its start.
    private OptionalLong liveHeap() {
        OptionalLong least = OptionalLong.empty();
        for (int i = 0; i < COLLECTIONS; i++) {
            jcmd("GC.run");
            Matcher used = USED.matcher(jcmd("GC.heap_info"));
            if (used.find()) {
                long bytes = Long.parseLong(used.group(1)) * 1024;
                least = OptionalLong.of(Math.min(bytes, least.orElse(Long.MAX_VALUE)));
            }
        }
        return least;
    }

    private long entries(String directory) {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/" + directory))) {
            return files.count();
        } catch (IOException e) {
            return -1;
        }
    }

    private String jcmd(String command) {
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            String.valueOf(pid),
                            command)
                    .redirectErrorStream(true)
                    .start();
            return new String(jcmd.getInputStream().readAllBytes());
        } catch (IOException e) {
            return "";
        }
    }

    /// A `./loci serve` of this checkout on a free port of the loopback interface.
    static final class Started implements AutoCloseable {
        private static final long START_SECONDS = 600;
        private final Process process;
        private final Path log;
        private final Http http;
        private final String model;

        private Started(Process process, Path log, Http http, String model) {
            this.process = process;
            this.log = log;
            this.http = http;
            this.model = model;
        }

        /// @param options of `loci serve`
        /// @param javaOptions of its JVM
        static Started start(String name, List<String> options, String javaOptions)
                throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(
                    List.of(Path.of(System.getProperty("loci.root"), "loci").toString(), "serve"));
            command.addAll(options);
            return startCommand(name, command, javaOptions);
        }

        /// Any server that takes `--host` and `--port` and lists its models.
        /// @param given the program and its options
        static Started startCommand(String name, List<String> given, String javaOptions)
                throws IOException, InterruptedException {
            Path root = Path.of(System.getProperty("loci.root"));
            Path log = Files.createDirectories(root.resolve("target/perf")).resolve(name + ".log");
            int port;
            try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = probe.getLocalPort();
            }
            List<String> command = new ArrayList<>(given);
            command.addAll(List.of("--host", "127.0.0.1", "--port", "" + port));
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().merge("LOCI_JAVA_OPTS", javaOptions, (old, added) -> added + " " + old);
            Process process = builder.start();
            // no server stays behind when a measurement is broken off
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            Http http = new Http("http://127.0.0.1:" + port);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
            while (process.isAlive() && System.nanoTime() - deadline < 0) {
                try {
                    Optional<String> model = http.firstModel();
                    if (model.isPresent()) {
                        System.out.println(
                                "server: pid " + process.pid() + ", " + String.join(" ", command) + ", log " + log);
                        return new Started(process, log, http, model.get());
                    }
                } catch (IOException | IllegalArgumentException e) {
                    // not listening yet
                }
                Thread.sleep(100);
            }
            process.destroyForcibly();
            throw new Arguments.Wrong("server: expected one that answers, found none; see " + log);
        }

        Process process() {
            return process;
        }

        /// What it has said so far.
        long logLines() throws IOException {
            try (Stream<String> lines = Files.lines(log)) {
                return lines.count();
            }
        }

        ServerProcess holder() {
            return new ServerProcess(process.pid());
        }

        Http http() {
            return http;
        }

        String model() {
            return model;
        }

        @Override
        public void close() {
            http.closeIdle();
            process.destroy();
            try {
                if (!process.waitFor(60, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
