package dev.loci.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.tensor.SafetensorsWriter.Declared;
import dev.loci.tensor.SafetensorsWriter.Written;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsWriterTest {
    private static final Declared WEIGHT = new Declared("weight", DType.F32, List.of(2L, 2L));
    private static final Declared BYTES = new Declared("bytes", DType.U8, List.of(3L));

    @TempDir
    private Path dir;

    private static MemorySegment bytes(int... values) {
        byte[] out = new byte[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) values[i];
        }
        return MemorySegment.ofArray(out);
    }

    @Test
    void writesTensorsInOrderAndInPieces() throws IOException {
        Path file = dir.resolve("f");
        Written written;
        try (SafetensorsWriter writer = SafetensorsWriter.open(file, List.of(WEIGHT, BYTES), Map.of())) {
            writer.write("weight", bytes(1, 2, 3));
            writer.write("weight", bytes(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
            writer.write("bytes", bytes(17, 18, 19));
            written = writer.finish();
        }
        byte[] all = Files.readAllBytes(file);
        assertThat(written.bytes()).isEqualTo(4096 + 19).isEqualTo(all.length);
        assertThat(written.sha256())
                .isEqualTo(Sha256.start().update(ByteBuffer.wrap(all)).hex());
        assertThat(written.headerSha256())
                .isEqualTo(Sha256.start().update(ByteBuffer.wrap(all, 0, 4096)).hex());
        assertThat(Arrays.copyOf(all, 8)).containsExactly(0xf8, 0x0f, 0, 0, 0, 0, 0, 0);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensor("weight").shape()).containsExactly(2L, 2L);
            assertThat(read.tensor("bytes").data().toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(17, 18, 19);
            assertThat(read.mapping().byteSize()).isEqualTo(all.length);
        }
    }

    @Test
    void refusesAFileThatExists() throws IOException {
        Path file = Files.createFile(dir.resolve("f"));
        assertThatThrownBy(() -> SafetensorsWriter.open(file, List.of(), Map.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(file + ": cannot be written");
    }

    @Test
    void refusesAnOrderThatLeavesATensorUnaligned() {
        assertThatThrownBy(() -> SafetensorsWriter.open(dir.resolve("f"), List.of(BYTES, WEIGHT), Map.of()))
                .isInstanceOf(TensorException.class)
                .hasMessage("f, weight offset: expected a multiple of 4, found 3");
    }

    @Test
    void refusesANameGivenTwice() {
        assertThatThrownBy(() -> SafetensorsWriter.open(dir.resolve("f"), List.of(BYTES, BYTES), Map.of()))
                .isInstanceOf(TensorException.class)
                .hasMessage("f, bytes: expected a name of its own, found one that is taken");
    }

    @Test
    void refusesBytesOfAnotherTensorAndTooManyAndTooFew() {
        try (SafetensorsWriter writer = SafetensorsWriter.open(dir.resolve("f"), List.of(WEIGHT, BYTES), Map.of())) {
            assertThatThrownBy(() -> writer.write("bytes", bytes(1)))
                    .hasMessage("f, next bytes: expected those of weight, found some of bytes");
            writer.write("weight", bytes(new int[16]));
            assertThatThrownBy(() -> writer.write("bytes", bytes(1, 2, 3, 4)))
                    .hasMessage("f, bytes: expected at most 3 bytes more, found 4 bytes");
            writer.write("bytes", bytes(1, 2));
            assertThatThrownBy(writer::finish).hasMessage("f, bytes: expected 3 bytes, found 2 bytes");
            writer.write("bytes", bytes(3));
            assertThatThrownBy(() -> writer.write("bytes", bytes(4)))
                    .hasMessage("f, next bytes: expected those of the end, found some of bytes");
        }
    }
}
