package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The two models of a shape, made when they are first needed.
record PeerModels(PeerShape shape, Path loci, Path gguf) {
    static PeerModels of(PeerShape shape, Path root, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path loci = folder.resolve("loci-" + shape.name());
        Path gguf = folder.resolve(shape.name() + "-q8_0.gguf");
        if (!Files.exists(gguf)) {
            GgufModel.write(shape, gguf);
        }
        if (!Files.exists(loci)) {
            Path config = folder.resolve(shape.name() + ".json");
            Files.writeString(config, shape.lociConfig());
            PeerRuns.output(List.of(
                    root.resolve("loci").toString(),
                    "synth",
                    "--config",
                    config.toString(),
                    "--out",
                    loci.toString(),
                    "--dtype",
                    "int8"));
        }
        return new PeerModels(shape, loci, gguf);
    }
}
