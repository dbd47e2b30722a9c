package dev.loci.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `--model`, with the model that comes with Loci as its default.
@RegisterForReflection
final class ModelOption {
    /// Directory of the checkout, set by the launcher.
    private static final String HOME = "dev.loci.home";

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "The model directory (default: model-store/loci-mini beside the launcher).")
    private Optional<Path> model;

    /// What was given, if anything was.
    Optional<Path> given() {
        return model;
    }

    Path path() {
        return model.orElseGet(ModelOption::ofLoci);
    }

    static Path ofLoci() {
        return Path.of(System.getProperty(HOME, ""), "model-store", "loci-mini");
    }
}
