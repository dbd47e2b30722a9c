package dev.loci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelWriterTest {
    @TempDir
    private Path temp;

    private static byte[] rows(Path dir, int layer) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ModelDirectory model = ModelDirectory.open(dir, new FakeMemory(), HugePages.OFF)) {
            for (var part : model.table(layer).rows().parts()) {
                out.write(part.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return out.toByteArray();
    }

    @Test
    void splitTablesEqualUnsplitOnes() throws IOException {
        SmallModel.write(temp.resolve("whole"), ModelWriter.MAX_FILE_BYTES);
        for (long maxBytes : new long[] {1, 4096 + 16, 4096 + 47, 4096 + 9 * 16}) {
            Path split = temp.resolve("split-" + maxBytes);
            SmallModel.write(split, maxBytes);
            assertThat(rows(split, 0)).isEqualTo(rows(temp.resolve("whole"), 0));
            assertThat(rows(split, 1)).isEqualTo(rows(temp.resolve("whole"), 1));
        }
        assertThat(temp.resolve("whole/values-0002.safetensors")).doesNotExist();
        assertThat(temp.resolve("split-1/values-0017.safetensors")).hasSize(4096 + 16);
    }

    @Test
    void equalContentsGiveEqualBytes() throws IOException {
        SmallModel.write(temp.resolve("a"), ModelWriter.MAX_FILE_BYTES);
        SmallModel.write(temp.resolve("b"), ModelWriter.MAX_FILE_BYTES);
        assertThat(temp.resolve("a/manifest.json")).hasSameBinaryContentAs(temp.resolve("b/manifest.json"));
    }

    @Test
    void refusesATargetThatExists() throws IOException {
        Path out = Files.createFile(temp.resolve("model"));
        assertThatThrownBy(() -> SmallModel.write(out, ModelWriter.MAX_FILE_BYTES))
                .isInstanceOf(StoreException.class)
                .hasMessage(out + ", output: expected a name that is free, found one that exists");
        assertThat(temp).isDirectoryContaining(out::equals).isDirectoryNotContaining("glob:.*");
    }

    @Test
    void aFailureLeavesNothing() {
        ModelConfig config = SmallModel.config(WeightType.F32, Optional.of(SmallModel.memory(RowType.F32)));
        ModelContents whole = SmallModel.contents(config);
        RowSource failing = (first, count, out) -> {
            throw new IllegalStateException("broken source");
        };
        ModelContents broken = new ModelContents(
                config,
                whole.dense(),
                List.of(whole.tables().getFirst(), failing),
                whole.tokenizer(),
                whole.chatTemplate());
        Path out = temp.resolve("model");
        assertThatThrownBy(() -> ModelWriter.write(broken, out, ModelWriter.MAX_FILE_BYTES, ProgressListener.NONE))
                .hasMessage("broken source");
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void removesWhatADeadProcessLeft() throws IOException {
        Path dead = Files.createDirectory(temp.resolve(".model.importing-" + Long.MAX_VALUE / 10));
        Files.createFile(dead.resolve("config.json"));
        Path other = Files.createDirectory(temp.resolve(".other.importing-" + Long.MAX_VALUE / 10));
        Path alive = Files.createDirectory(temp.resolve(".model.importing-1"));
        SmallModel.write(temp.resolve("model"), ModelWriter.MAX_FILE_BYTES);
        assertThat(dead).doesNotExist();
        assertThat(other).exists();
        assertThat(alive).exists();
    }

    @Test
    void removesWhatAnEarlierProcessOfTheSameNumberLeft() throws IOException {
        Path left = Files.createDirectory(
                temp.resolve(".model.importing-" + ProcessHandle.current().pid()));
        Files.createFile(left.resolve("config.json"));
        Files.setLastModifiedTime(left, FileTime.fromMillis(0));
        SmallModel.write(temp.resolve("model"), ModelWriter.MAX_FILE_BYTES);
        assertThat(left).doesNotExist();
        assertThat(temp.resolve("model/manifest.json")).exists();
    }

    @Test
    void refusesASecondWriterInTheSameProcess() throws IOException {
        Path mine = temp.toRealPath()
                .resolve(".model.importing-" + ProcessHandle.current().pid());
        Files.createDirectory(mine);
        Path out = temp.toRealPath().resolve("model");
        assertThatThrownBy(() -> SmallModel.write(out, ModelWriter.MAX_FILE_BYTES))
                .isInstanceOf(StoreException.class)
                .hasMessage(out + ", import: expected one at a time, found another in " + mine);
    }

    @Test
    void tellsHowFarItIs() {
        ModelConfig config = SmallModel.config(WeightType.F32, Optional.of(SmallModel.memory(RowType.F32)));
        ModelContents contents = SmallModel.contents(config);
        long[] last = new long[2];
        ModelWriter.write(contents, temp.resolve("model"), ModelWriter.MAX_FILE_BYTES, (done, total) -> {
            assertThat(done).isGreaterThan(last[0]);
            last[0] = done;
            last[1] = total;
        });
        assertThat(last).containsExactly(contents.tensorBytes(), contents.tensorBytes());
    }
}
