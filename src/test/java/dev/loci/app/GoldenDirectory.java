package dev.loci.app;

import dev.loci.engine.Golden;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/// Serves a golden model in f32 from a directory of its own while a test runs. The argument [#NAME] says which.
public final class GoldenDirectory implements QuarkusTestResourceLifecycleManager {
    static final String NAME = "name";

    private String name = "";
    private Path temporary = Path.of("");

    @Override
    public void init(Map<String, String> arguments) {
        name = arguments.get(NAME);
    }

    @Override
    public Map<String, String> start() {
        try {
            temporary = Files.createTempDirectory("loci-golden-");
        } catch (IOException e) {
            throw new UncheckedIOException("temporary directory", e);
        }
        Path model = Golden.imported(name, Golden.weights(name), temporary.resolve(name), WeightType.F32, RowType.F32);
        return Map.of("loci.model", model.toString(), "loci.kv.type", "f32", "loci.activations", "f32");
    }

    @Override
    public void stop() {
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(temporary.toString(), e);
        }
    }
}
