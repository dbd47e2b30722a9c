package dev.loci.api.openai;

import dev.loci.engine.EngineStats;
import dev.loci.tokenizer.ChatTemplate;
import dev.loci.tokenizer.Tokenizer;
import io.quarkus.test.junit.QuarkusTestProfile;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Serves loci-mini's tokenizer and chat template over a [FakeGenerator].
@Alternative
@Singleton
public final class FakeModel implements ModelSource {
    static final int CONTEXT_TOKENS = 64;
    static final int VOCAB_SIZE = 16384;
    private static final Path DIRECTORY = Path.of("src/test/resources/tokenizer");

    private final Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve("loci-mini.json"));
    private final FakeGenerator generator = new FakeGenerator(tokenizer);
    private final ChatTemplate template = ChatTemplate.parse("loci-mini.jinja", source());
    private volatile boolean present = true;
    private volatile RequestLimits limits = RequestLimits.defaults();

    private static String source() {
        try {
            return Files.readString(DIRECTORY.resolve("loci-mini.jinja"));
        } catch (IOException e) {
            throw new UncheckedIOException("loci-mini.jinja", e);
        }
    }

    /// Tests of the API run with this model.
    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakeModel.class);
        }
    }

    FakeGenerator generator() {
        return generator;
    }

    void setPresent(boolean value) {
        present = value;
    }

    void setLimits(RequestLimits value) {
        limits = value;
    }

    ServedModel served() {
        return new ServedModel(
                "loci-mini",
                1_700_000_000,
                generator,
                tokenizer,
                Optional.of(template),
                CONTEXT_TOKENS,
                VOCAB_SIZE,
                "loci-test",
                limits,
                Optional.of(new MemoryShape(2, 1000, 4)));
    }

    @Override
    public Optional<ServedModel> current() {
        return present ? Optional.of(served()) : Optional.empty();
    }

    /// Each number another.
    @Override
    public Optional<Ops> ops() {
        return present ? Optional.of(new Ops("fake", "none")) : Optional.empty();
    }

    @Override
    public Optional<EngineStats> stats() {
        return present
                ? Optional.of(new EngineStats(
                        1,
                        2,
                        3,
                        4,
                        5,
                        3,
                        6,
                        7,
                        List.of(new EngineStats.Table(8, 9, 10), new EngineStats.Table(11, 12, 13)),
                        14,
                        15,
                        16,
                        17,
                        18,
                        19,
                        20))
                : Optional.empty();
    }

    @PreDestroy
    void close() {
        tokenizer.close();
    }
}
