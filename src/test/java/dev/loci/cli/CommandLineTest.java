package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandLineTest {
    private static void refuses(String expectedLine, String... args) {
        Captured captured = Captured.of("", false);
        assertThat(Main.run(captured.streams(), args)).isEqualTo(2);
        assertThat(captured.err()).isEqualTo(expectedLine + "\n");
        assertThat(captured.out()).isEmpty();
    }

    @Test
    void listsItsCommands() {
        Captured captured = Captured.of("", false);
        assertThat(Main.run(captured.streams(), "--help")).isZero();
        assertThat(captured.out()).isEqualTo("""
                        Usage: loci [-hV] COMMAND
                        Serves language models with large sparse memory layers.
                          -h, --help      Show this help.
                          -V, --version   Show the versions of Loci, its kernels and the JDK.
                        Commands:
                          serve    Serve a model over HTTP. Each option is a configuration key, which
                                     the environment may set too.
                          import   Turn a trained checkpoint into a model directory.
                          synth    Write a model of a given shape with random weights, for benchmarks.
                          inspect  Show what a model directory holds and check the digests of its files.
                          loss     Print a model's loss on a text, in nats a token.
                          chat     Talk to a model. Ctrl-C stops an answer, Ctrl-D ends, /reset forgets
                                     what was said. A model without a chat template continues the text.
                          bench    Measure the machine, the kernels beside its limits, and the forward
                                     pass.
                          schema   Show what a JSON schema lets an answer be, and judge the engine by
                                     cases.

                        `loci COMMAND --help` lists a command's options; `loci test` runs all tests.
                        """);
        assertThat(captured.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "import", "synth", "inspect", "loss", "chat", "bench"})
    void helpsWithEachCommand(String command) {
        Captured captured = Captured.of("", false);
        assertThat(Main.run(captured.streams(), command, "--help")).isZero();
        assertThat(captured.out()).startsWith("Usage: loci " + command + " [-h]");
        assertThat(captured.err()).isEmpty();
    }

    @Test
    void showsVersions() {
        Captured captured = Captured.of("", false);
        assertThat(Main.run(captured.streams(), "--version")).isZero();
        assertThat(captured.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("loci "),
                        line -> assertThat(line).matches("kernels (native|scalar).*"),
                        line -> assertThat(line).startsWith("JDK 25"));
    }

    @Test
    void refusesWhatIsNoCommand() {
        refuses(
                "loci: command line, command: expected serve, import, synth, inspect, loss, chat, bench, schema, found benchmark",
                "benchmark");
        refuses(
                "loci: command line, command: expected serve, import, synth, inspect, loss, chat, bench, schema, found none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "import", "synth", "inspect", "loss", "chat", "bench"})
    void refusesUnknownOptions(String command) {
        Captured captured = Captured.of("", false);
        assertThat(Main.run(captured.streams(), command, "--wat")).isEqualTo(2);
        assertThat(captured.err().lines()).hasSize(1);
    }

    @Test
    void namesTheUnknownOption() {
        refuses(
                "loci chat: command line, option: expected one that loci chat --help lists, found --wat",
                "chat",
                "--wat");
    }

    @Test
    void refusesMissingAndSurplusArguments() {
        refuses("loci loss: command line, FILE: expected a value, found none", "loss", "dir");
        refuses("loci inspect: command line, arguments: expected at most 1, found also b", "inspect", "a", "b");
        refuses("loci chat: command line, arguments: expected none, found also b", "chat", "b");
        refuses("loci serve: command line, --port: expected a value, found none", "serve", "--port");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--window   | x     | a whole number",
                "--window   | 0     | at least 1",
                "--stride   | -1    | at least 1",
                "--windows  | 0     | at least 1",
                "--threads  | 1e3   | a whole number",
            })
    void refusesImpossibleNumbers(String option, String value, String expected) {
        refuses(
                "loci loss: command line, " + option + ": expected " + expected + ", found " + value,
                "loss",
                "dir",
                "pom.xml",
                option,
                value);
    }

    @Test
    void refusesNamesThatDoNotExist() {
        refuses(
                "loci loss: command line, --kv-type: expected f32, bf16, f16, int8 or auto, found f8",
                "loss",
                "dir",
                "pom.xml",
                "--kv-type",
                "f8");
        refuses(
                "loci chat: command line, --kernels: expected auto, native, scalar, found gpu",
                "chat",
                "--kernels",
                "gpu");
    }

    @Test
    void refusesFilesThatDoNotExist() {
        refuses("loci loss: no-such-file, file: expected one that exists, found none", "loss", "dir", "no-such-file");
        refuses(
                "loci inspect: no-such-dir, manifest.json: expected the manifest of a model, found no such file",
                "inspect",
                "no-such-dir");
    }

    @Test
    void refusesImpossibleSampling() {
        refuses(
                "loci chat: sampling, temperature: expected a number in 0..2, found -1.0",
                "chat",
                "--temperature",
                "-1");
        refuses("loci chat: command line, --max-tokens: expected at least 1, found 0", "chat", "--max-tokens", "0");
    }

    @Test
    void refusesAPortThatIsNone() {
        refuses("loci serve: command line, --port: expected 0 to 65535, found 70000", "serve", "--port", "70000");
    }
}
