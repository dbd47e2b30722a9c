package dev.loci.page;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A driver of Chromium as a process of its own, on a port of its own, for tests of the page.
final class Chromium implements AutoCloseable {
    static final String INSTALLED = "dev.loci.page.Chromium#installed";
    static final String MISSING = "no chromium and chromedriver on the PATH: the page is not tested in a browser";

    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
    private static final List<String> BROWSERS = List.of("chromium", "chromium-browser", "google-chrome");

    private final Process driver;
    private final BufferedReader output;
    private final Path profile;
    private final Path binary;
    private final int port;

    private Chromium(Path driver, Path binary) throws IOException {
        this.binary = binary;
        this.profile = Files.createTempDirectory("loci-chromium-");
        this.driver = new ProcessBuilder(driver.toString(), "--port=0")
                .redirectErrorStream(true)
                .start();
        this.output = this.driver.inputReader(StandardCharsets.UTF_8);
        this.port = port();
        // what it says later must not fill the pipe
        Thread.ofVirtual().start(this::readOn);
    }

    private int port() throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher matcher = STARTED.matcher(line);
            if (matcher.find()) {
                return Integer.parseInt(matcher.group(1));
            }
            said.append(line).append('\n');
        }
        throw new IOException("chromedriver: expected its port, found " + said);
    }

    private void readOn() {
        try {
            while (output.readLine() != null) {
                // nobody asks for it
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    /// Whether there is a driver and a browser. Tests that need them are annotated with this.
    static boolean installed() {
        return driver().isPresent() && browser().isPresent();
    }

    static Chromium start() {
        try {
            return new Chromium(driver().orElseThrow(), browser().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> driver() {
        return onPath("chromedriver");
    }

    private static Optional<Path> browser() {
        return BROWSERS.stream().flatMap(name -> onPath(name).stream()).findFirst();
    }

    private static Optional<Path> onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    int driverPort() {
        return port;
    }

    Path binary() {
        return binary;
    }

    /// Folder for the browser's own files.
    Path profile() {
        return profile;
    }

    @Override
    public void close() {
        driver.destroy();
        try {
            if (!driver.waitFor(20, TimeUnit.SECONDS)) {
                driver.destroyForcibly();
            }
        } catch (InterruptedException e) {
            driver.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        delete(profile);
    }

    /// The browser may still be taking its files away itself.
    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            folder.toFile().deleteOnExit();
        }
    }
}
