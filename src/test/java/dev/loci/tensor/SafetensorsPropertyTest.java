package dev.loci.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.loci.tensor.SafetensorsWriter.Declared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class SafetensorsPropertyTest {
    @Provide
    Arbitrary<List<Declared>> tensors() {
        Arbitrary<List<Long>> shape = Arbitraries.longs().between(0, 5).list().ofMaxSize(4);
        Arbitrary<DType> dtype = Arbitraries.of(DType.F32, DType.I32);
        return Combinators.combine(Arbitraries.strings().ofMaxLength(8), dtype, shape)
                .as(Declared::new)
                .list()
                .ofMaxSize(6)
                .uniqueElements(Declared::name);
    }

    private static byte[] write(List<Declared> tensors) throws IOException {
        Path dir = Files.createTempDirectory("safetensors");
        Path file = dir.resolve("f");
        try (SafetensorsWriter writer = SafetensorsWriter.open(file, tensors, Map.of("k", "ü\n"))) {
            for (Declared tensor : tensors) {
                writer.write(tensor.name(), MemorySegment.ofArray(new byte[(int) tensor.bytes()]));
            }
            writer.finish();
        }
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        Files.delete(dir);
        return bytes;
    }

    @Property(tries = 200)
    void whatIsWrittenIsRead(@ForAll("tensors") List<Declared> tensors) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.parse("f", MemorySegment.ofArray(write(tensors)));
        List<Declared> read = new ArrayList<>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            read.add(new Declared(entry.name(), entry.dtype(), entry.shape()));
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(tensors);
        assertThat(header.metadata()).isEqualTo(Map.of("k", "ü\n"));
        assertThat(header.dataOffset() % 4096).isZero();
    }

    @Property(tries = 2000)
    void aChangedByteGivesAHeaderOrARefusal(@ForAll @IntRange(max = 160) int at, @ForAll byte value) {
        String json = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]}}";
        MemorySegment file = TensorFiles.of(json, 11);
        file.set(ValueLayout.JAVA_BYTE, Math.min(at, file.byteSize() - 1), value);
        assertHeaderOrRefusal(file);
    }

    @Property(tries = 1000)
    void anyBytesGiveAHeaderOrARefusal(@ForAll @Size(max = 64) byte[] bytes) {
        assertHeaderOrRefusal(MemorySegment.ofArray(bytes));
    }

    private static void assertHeaderOrRefusal(MemorySegment file) {
        Throwable thrown = catchThrowable(() -> SafetensorsHeader.parse("f", file));
        if (thrown != null) {
            assertThat(thrown).isExactlyInstanceOf(TensorException.class);
            assertThat(thrown.getMessage())
                    .startsWith("f @ ")
                    .contains(": expected ", ", found ")
                    .doesNotContain("\n");
        }
    }
}
