package dev.loci.kernel.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.Activations;
import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.Values;
import dev.loci.kernel.WeightType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file of two pages, all ones as f32.
final class NativeMappedMemoryTest {
    private static final int PAGE = 4096;
    private static final int COLUMNS = PAGE / Float.BYTES;

    @TempDir
    Path directory;

    private final MappedMemory memory = NativeMappedMemory.open(NativeLibrary.open());
    private final Arena arena = Arena.ofShared();
    private FileChannel file;
    private MemorySegment mapping;

    @BeforeEach
    void mapAFile() throws IOException {
        file = FileChannel.open(
                directory.resolve("table"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        ByteBuffer ones = ByteBuffer.allocate(2 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
        while (ones.hasRemaining()) {
            ones.putFloat(1);
        }
        file.write(ones.flip());
        mapping = file.map(MapMode.READ_ONLY, 0, 2 * PAGE, arena);
    }

    @AfterEach
    void close() throws IOException {
        arena.close();
        file.close();
    }

    @Test
    void aShrunkenFileReadsZerosInNativeOpsAndIsCounted() throws IOException {
        memory.guard(mapping);
        assertThat(rowSums()).containsExactly(COLUMNS, COLUMNS);
        long before = memory.faults();
        file.truncate(PAGE);
        assertThat(rowSums()).containsExactly(COLUMNS, 0);
        assertThat(memory.faults()).isEqualTo(before + 1);
        assertThat(rowSums()).containsExactly(COLUMNS, 0);
        assertThat(memory.faults()).isEqualTo(before + 1);
        memory.unguard(mapping);
    }

    /// Sum of each page by a native op.
    private float[] rowSums() {
        MemorySegment ones = arena.allocate(PAGE, Float.BYTES);
        for (int i = 0; i < COLUMNS; i++) {
            ones.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
        Matrix table = new Matrix(WeightType.F32, mapping, MemorySegment.NULL, 2, COLUMNS);
        MemorySegment out = arena.allocate(8, Float.BYTES);
        try (Kernels kernels = NativeKernels.open(NativeLibrary.open(), "native/generic", 0, 0, 1)) {
            kernels.matMul().multiply(ones, 1, table, Activations.F32, out, false);
        }
        return Values.f32s(out);
    }

    @Test
    void javaStillFailsWithAnErrorOutsideGuardedMappings() throws IOException {
        long before = memory.faults();
        file.truncate(PAGE);
        assertThatThrownBy(() -> mapping.get(ValueLayout.JAVA_INT, PAGE)).isInstanceOf(InternalError.class);
        memory.guard(mapping);
        memory.unguard(mapping);
        assertThatThrownBy(() -> mapping.get(ValueLayout.JAVA_INT, PAGE)).isInstanceOf(InternalError.class);
        assertThat(memory.faults()).isEqualTo(before);
    }

    @Test
    void takesAdviceAndKnowsWhatIsResident() {
        assertThat(memory.advise(mapping, MappedMemory.Advice.RANDOM)).isTrue();
        assertThat(memory.advise(mapping, MappedMemory.Advice.WILL_NEED)).isTrue();
        assertThat(mapping.get(ValueLayout.JAVA_FLOAT, PAGE)).isOne();
        assertThat(memory.residentBytes(mapping).orElseThrow()).isBetween((long) PAGE, 2L * PAGE);
        assertThat(memory.advise(mapping, MappedMemory.Advice.DROP)).isTrue();
        assertThat(mapping.get(ValueLayout.JAVA_FLOAT, PAGE)).isOne();
    }

    @Test
    void allocatesZerosThatTakeNoMemoryBeforeTheyAreWritten() {
        long bytes = 1L << 30;
        try (Arena own = Arena.ofShared()) {
            MemorySegment huge = memory.allocate(bytes, true, own);
            assertThat(huge.byteSize()).isEqualTo(bytes);
            assertThat(huge.address() % (2 << 20)).isZero();
            assertThat(huge.get(ValueLayout.JAVA_BYTE, bytes - 1)).isZero();
            huge.set(ValueLayout.JAVA_BYTE, bytes / 2, (byte) 7);
            assertThat(huge.get(ValueLayout.JAVA_BYTE, bytes / 2)).isEqualTo((byte) 7);
            assertThat(memory.residentBytes(huge.asSlice(0, 1L << 28))).hasValue(0);
        }
        MemorySegment small = memory.allocate(100, false, arena);
        assertThat(small.byteSize()).isEqualTo(100);
        assertThat(small.address() % PAGE).isZero();
        assertThat(small.get(ValueLayout.JAVA_BYTE, 99)).isZero();
    }

    @Test
    void refusesToAllocateNothingOrMoreThanThereIs() {
        for (long bytes : new long[] {0, -1, Long.MAX_VALUE, 1L << 60}) {
            assertThatThrownBy(() -> memory.allocate(bytes, false, arena))
                    .as("%d bytes", bytes)
                    .isInstanceOf(KernelException.class)
                    .hasMessageStartingWith("loci_map, bytes: ");
        }
    }

    @Test
    void guardsLessThanAPage() throws IOException {
        MemorySegment small = file.map(MapMode.READ_ONLY, 0, 100, arena);
        memory.guard(small);
        assertThat(memory.residentBytes(small).orElseThrow()).isLessThanOrEqualTo(PAGE);
        memory.unguard(small);
    }

    @Test
    void doesNothingToAnEmptyMapping() throws IOException {
        MemorySegment empty = file.map(MapMode.READ_ONLY, 0, 0, arena);
        memory.guard(empty);
        memory.unguard(empty);
        assertThat(memory.advise(empty, MappedMemory.Advice.RANDOM)).isFalse();
        assertThat(memory.residentBytes(empty)).hasValue(0);
    }

    @Test
    void refusesToForgetWhatItDoesNotKnow() {
        assertThatThrownBy(() -> memory.unguard(mapping))
                .isInstanceOf(KernelException.class)
                .hasMessage("loci_guard_remove, data: expected every index in its stated range, found one outside");
    }

    @Test
    void refusesAMappingThatDoesNotStartOnAPage() {
        MemorySegment slice = mapping.asSlice(8);
        assertThatThrownBy(() -> memory.guard(slice))
                .isInstanceOf(KernelException.class)
                .hasMessageStartingWith("loci_guard_add, data: expected a number in its stated range, found 0x");
    }
}
