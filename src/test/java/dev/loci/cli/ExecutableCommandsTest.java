package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.app.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands of the native executable print what they print on a JVM.
final class ExecutableCommandsTest {
    private static final String MODEL = "model-store/loci-mini";

    @TempDir
    Path directory;

    private void same(String in, String... arguments) throws Exception {
        Program executable = Program.executable();
        Captured captured = Captured.of(in, false);
        int exit = Main.run(captured.streams(), arguments);
        assertThat(executable.run(in, arguments))
                .as(String.join(" ", arguments))
                .isEqualTo(new Program.Output(exit, captured.out(), captured.err()));
    }

    @Test
    void helpIsTheSame() throws Exception {
        same("", "--help");
        for (String command : List.of("serve", "import", "synth", "inspect", "loss", "chat", "bench")) {
            same("", command, "--help");
        }
    }

    @Test
    void refusalsAreTheSame() throws Exception {
        same("");
        same("", "benchmark");
        same("", "serve", "--port", "70000");
        same("", "loss", "dir", "pom.xml", "--kv-type", "f8");
        same("", "inspect", "no-such-dir");
    }

    @Test
    void readsModels() throws Exception {
        same("", "inspect", MODEL);
        same("", "inspect", "--json", MODEL);
        same("", "loss", MODEL, "src/test/resources/heldout/begonia.txt", "--window", "128", "--windows", "2");
        same("What is the capital of Italy?\n", "chat", "--model", MODEL, "--temperature", "0", "--max-tokens", "16");
    }

    @Test
    void writesTheSameModel() throws Exception {
        Program executable = Program.executable();
        Path config = Path.of("src/test/resources/golden/ultramem-v1.config.json");
        Path mine = directory.resolve("jvm").resolve("model");
        Path its = directory.resolve("executable").resolve("model");
        Files.createDirectories(mine.getParent());
        Files.createDirectories(its.getParent());
        Captured captured = Captured.of("", false);
        assertThat(Main.run(
                        captured.streams(),
                        "synth",
                        "--config",
                        config.toString(),
                        "--out",
                        mine.toString(),
                        "--dtype",
                        "int8",
                        "--table-dtype",
                        "int4"))
                .as(captured.err())
                .isZero();
        Program.Output output = executable.run(
                "",
                "synth",
                "--config",
                config.toString(),
                "--out",
                its.toString(),
                "--dtype",
                "int8",
                "--table-dtype",
                "int4");
        assertThat(output.exit()).as(output.err()).isZero();
        try (var files = Files.list(mine)) {
            for (Path file : files.toList()) {
                assertThat(Files.mismatch(file, its.resolve(file.getFileName())))
                        .as(file.toString())
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void saysHowItCallsTheKernels() throws Exception {
        assertThat(Program.executable().run("", "--version").out())
                .contains("\nkernels native/", ", called through jni\n");
    }

    @Test
    void refusesThePersistentPrefixCache() throws Exception {
        Program.Output output =
                Program.executable().run("", "serve", "--port", "0", "--prefix-cache-dir", directory.toString());
        assertThat(output)
                .isEqualTo(new Program.Output(
                        2,
                        "",
                        "loci serve: configuration, loci.prefix-cache.persistent.path: expected none in a native "
                                + "executable, since its store compiles code at run time, found " + directory + "\n"));
    }
}
