package dev.loci.app;

import static dev.loci.app.Posts.post;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.TableRows;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.ModelDirectory;
import dev.loci.telemetry.Scrape;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A table that the system has taken out of RAM shows so within seconds, and so do the faults that bring it back.
@QuarkusTest
@TestProfile(EvictedTableTest.Copied.class)
final class EvictedTableTest {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final String RESIDENCY = "loci_table_residency_ratio";
    private static final String FAULTS = "loci_table_major_faults_total";

    /// A model of its own, whose pages nobody else maps and which are on the disk.
    public static final class Copied implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            Path from = Path.of("model-store/loci-mini");
            Path to = Path.of("target/evicted-model");
            try {
                Files.createDirectories(to);
                try (Stream<Path> files = Files.list(from)) {
                    for (Path file : files.toList()) {
                        copy(file, to.resolve(file.getFileName()));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Map.of("loci.model", to.toString());
        }

        private static void copy(Path from, Path to) throws IOException {
            Files.write(to, Files.readAllBytes(from));
            try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    @Inject
    ModelLifecycle model;

    private static Scrape scrape() {
        return Scrape.parse(given().get("/q/metrics").asString());
    }

    private static Scrape scrapeUntil(String what, Predicate<Scrape> fits) throws InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOS;
        Scrape last = scrape();
        while (!fits.test(last)) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            // nothing tells of it: look again a little later
            assertThat(new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS)).isFalse();
            last = scrape();
        }
        return last;
    }

    private static void generate() {
        assertThat(post("/v1/completions", "{\"prompt\":\"Once upon a time\",\"max_tokens\":20,\"seed\":1}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void anEvictedTableShowsInResidencyAndFaults() throws InterruptedException {
        ModelDirectory directory = model.runtime().orElseThrow().directory();
        MappedMemory memory = KernelSelector.mappedMemory(new KernelOptions(KernelBackend.NATIVE, 1, Optional.empty()));
        List<TableRows.Part> parts = directory.table(1).rows().parts();
        parts.forEach(part -> memory.advise(part.data(), MappedMemory.Advice.POPULATE));
        double full = scrapeUntil("resident", now -> now.sum(RESIDENCY, "table=\"1\"") > 0.9)
                .sum(RESIDENCY, "table=\"1\"");
        generate();
        double faultsBefore = scrape().sum(FAULTS, "table=\"1\"");

        parts.forEach(part -> memory.advise(part.data(), MappedMemory.Advice.DROP));
        Scrape evicted = scrapeUntil("evicted", now -> now.sum(RESIDENCY, "table=\"1\"") < full / 2);
        assertThat(evicted.sum(FAULTS, "table=\"1\"")).isEqualTo(faultsBefore);

        generate();
        Scrape back = scrape();
        assertThat(back.sum(FAULTS, "table=\"1\"")).isGreaterThan(faultsBefore);
    }
}
