package dev.loci.cli;

import dev.loci.app.ModelRuntime;
import dev.loci.cli.LossMeter.Loss;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `loci loss`: how well a model predicts a text.
@RegisterForReflection
@Command(name = "loss", description = "Print a model's loss on a text, in nats a token.")
final class LossCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The model directory.")
    private Path model;

    @Parameters(
            index = "1",
            paramLabel = "FILE",
            description = "Little-endian 16-bit ids where the name ends in .u16, otherwise UTF-8 text.")
    private Path file;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Predictions in a window, which is N + 1 ids (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(
            names = "--stride",
            paramLabel = "N",
            description = "Ids from the start of a window to the start of the next (default: the window).")
    private Optional<Integer> stride;

    @Option(names = "--windows", paramLabel = "N", description = "How many windows (default: all that fit).")
    private Optional<Integer> windows;

    @Mixin
    private RuntimeFlags flags;

    private final Streams streams;

    LossCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        requirePositive("--window", window);
        int step = stride.orElse(window);
        requirePositive("--stride", step);
        windows.ifPresent(count -> requirePositive("--windows", count));
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (ModelRuntime runtime = ModelRuntime.open(flags.runtime(model, LossMeter.IN_FLIGHT))) {
            int context = runtime.engine().contextTokens();
            if (window > context) {
                throw CliException.ofOption("--window", "at most the model's context, " + context, window);
            }
            int[] ids =
                    TokenFile.read(file, runtime.tokenizer(), runtime.engine().vocabSize());
            int fit = LossMeter.windowsIn(ids.length, window, step);
            if (fit == 0) {
                throw CliException.of(
                        file.toString(),
                        "tokens",
                        "at least " + (window + 1L) + " for one window (--window N takes fewer)",
                        "" + ids.length);
            }
            int count = windows.orElse(fit);
            if (count > fit) {
                throw CliException.ofOption("--windows", "at most " + fit + " in " + file, count);
            }
            Loss loss = new LossMeter(runtime.engine(), window, step).measure(ids, count);
            streams.out()
                    .println(Sizes.decimals(loss.nats(), 4) + " nats a token, " + loss.windows() + " windows, "
                            + loss.predictions() + " predictions");
        }
        return 0;
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw CliException.ofOption(option, "at least 1", value);
        }
    }
}
