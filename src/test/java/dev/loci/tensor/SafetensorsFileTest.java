package dev.loci.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsFileTest {
    @TempDir
    private Path dir;

    private Path file() throws IOException {
        MemorySegment bytes = TensorFiles.of("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4);
        return Files.write(dir.resolve("f"), bytes.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void segmentsFailFastAfterClose() throws IOException {
        SafetensorsFile file = SafetensorsFile.open(file());
        MemorySegment data = file.tensor("a").data();
        assertThat(data.get(ValueLayout.JAVA_BYTE, 3)).isZero();
        file.close();
        assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Already closed");
    }

    @Test
    void namesATensorThatIsNotThere() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(file())) {
            assertThatThrownBy(() -> file.tensor("b"))
                    .isInstanceOf(TensorException.class)
                    .hasMessage("f @ header, b: expected a tensor of this name, found none");
        }
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(() -> SafetensorsFile.open(dir.resolve("g")))
                .isInstanceOf(TensorException.class)
                .hasMessage(dir.resolve("g") + ", file: expected a safetensors file, found no such file");
    }

    @Test
    void refusesATensorWhoseDataHasAnotherSize() {
        assertThatThrownBy(() -> new Tensor("t", DType.F32, List.of(2L), MemorySegment.ofArray(new byte[7])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("t, data: expected 8 bytes, found 7");
    }
}
