package dev.loci.cli;

import dev.loci.importer.ImportOptions;
import dev.loci.importer.UltraMemImport;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `loci import`: a checkpoint of another project becomes a model directory.
@RegisterForReflection
@Command(name = "import", description = "Turn a trained checkpoint into a model directory.")
final class ImportCommand implements Callable<Integer> {
    private static final String ULTRAMEM = "ultramem";

    @Option(
            names = "--from",
            required = true,
            paramLabel = "FORMAT",
            description = "Whose layout the checkpoint has: ultramem.")
    private String from;

    @Option(
            names = "--weights",
            required = true,
            arity = "1..*",
            paramLabel = "F",
            description = "The .safetensors files of the checkpoint.")
    private List<Path> weights;

    @Option(names = "--config", required = true, paramLabel = "F", description = "Its configuration.")
    private Path config;

    @Option(names = "--tokenizer", required = true, paramLabel = "F", description = "Its tokenizer.json.")
    private Path tokenizer;

    @Option(names = "--chat-template", paramLabel = "F", description = "Its Jinja template, for chat.")
    private Optional<Path> chatTemplate;

    @Option(
            names = "--stop-token",
            arity = "1..*",
            paramLabel = "ID",
            description = "Ids that end a generation (default: eos_token_id of the configuration).")
    private List<Integer> stopTokens = new ArrayList<>();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The model directory; it must not exist.")
    private Path out;

    @Mixin
    private TypeOptions types;

    private final Streams streams;

    ImportCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        if (!from.equals(ULTRAMEM)) {
            throw CliException.ofOption("--from", ULTRAMEM, from);
        }
        Optional<WeightType> dense = types.dense();
        Optional<RowType> table = types.table();
        ImportOptions options =
                new ImportOptions(weights, config, tokenizer, chatTemplate, stopTokens, out, dense, table);
        return Written.report(streams, "importing", out, progress -> UltraMemImport.run(options, progress));
    }
}
