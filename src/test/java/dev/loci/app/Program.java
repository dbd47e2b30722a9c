package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Loci as a program of its own: the native executable, or the packaged server on a JVM.
public record Program(List<String> command) {
    /// System property: path of the executable. Empty: tests of it are aborted.
    private static final String EXECUTABLE = "test.executable";

    private static final long LIMIT_SECONDS = 60;

    /// What a command printed.
    public record Output(int exit, String out, String err) {}

    /// Aborts the test where there is none.
    public static Program executable() {
        String path = System.getProperty(EXECUTABLE, "");
        assumeTrue(!path.isEmpty(), "no native executable: -Dtest.executable=target/loci names one");
        assertThat(Path.of(path)).isExecutable();
        return new Program(List.of(Path.of(path).toAbsolutePath().toString()));
    }

    /// The packaged server, on the JVM of this test.
    /// @param flags more options of the JVM
    public static Program packaged(String... flags) {
        Path jar = Path.of("target/quarkus-app/quarkus-run.jar");
        assumeTrue(Files.exists(jar), "no packaged server: mvn -Dquick -DskipTests package makes it");
        assumeTrue(
                modified(jar).compareTo(newest(Path.of("target/classes"))) >= 0,
                "the packaged server is older than the classes: mvn -Dquick -DskipTests package makes it anew");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@tools/jvm/options"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-jar", jar.toString()));
        return new Program(command);
    }

    private static FileTime newest(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(Program::modified)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs a command to its end.
    public Output run(String in, String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), in, arguments);
    }

    /// The same with these environment variables too.
    public Output run(Map<String, String> environment, String in, String... arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("loci-", ".out");
        Path err = Files.createTempFile("loci-", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(with(arguments))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().write(in.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ended: " + String.join(" ", arguments))
                    .isTrue();
            return new Output(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private List<String> with(String... arguments) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(arguments));
        return whole;
    }

    /// A server that listens.
    public static final class Server implements AutoCloseable {
        private final Process process;
        private final int port;

        private Server(Process process, int port) {
            this.process = process;
            this.port = port;
        }

        public Process process() {
            return process;
        }

        public int port() {
            return port;
        }

        @Override
        public void close() {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    /// Starts `serve` on a free port of this machine alone.
    /// @param settings configuration keys with their values
    public Server serve(String name, Map<String, String> settings, String... options) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path log = Path.of("target", name + ".log");
        List<String> whole = with("serve", "--host=127.0.0.1", "--port=" + port);
        whole.addAll(List.of(options));
        ProcessBuilder builder =
                new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(log.toFile());
        settings.forEach((key, value) ->
                builder.environment().put(key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value));
        Process process = builder.start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return new Server(process, port);
            } catch (IOException e) {
                // it does not listen yet
                assertThat(ended(process)).as(log.toString()).isFalse();
            }
        }
        process.destroyForcibly();
        throw new UncheckedIOException(new IOException(log + ": no server that listens"));
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
