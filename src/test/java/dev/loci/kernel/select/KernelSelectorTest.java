package dev.loci.kernel.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelSelectorTest {
    @TempDir
    Path directory;

    private final String path = System.getProperty(NativeLibrary.PATH_PROPERTY, "");

    @AfterEach
    void restoreThePath() {
        System.setProperty(NativeLibrary.PATH_PROPERTY, path);
    }

    @Test
    void opensTheNativeBackendWhereItCan() {
        KernelSelector.Opened opened = KernelSelector.open(options(KernelBackend.AUTO, 2));
        try (Kernels kernels = opened.kernels()) {
            assertThat(kernels.name()).startsWith("native/");
            assertThat(kernels.threads()).isEqualTo(2);
            assertThat(opened.fallbackReason()).isEmpty();
        }
    }

    @Test
    void takesAsManyThreadsAsCores() {
        try (Kernels kernels =
                KernelSelector.open(options(KernelBackend.NATIVE, 0)).kernels()) {
            assertThat(kernels.threads())
                    .isEqualTo(NativeLibrary.open().cpu().cores())
                    .isPositive();
        }
    }

    @Test
    void opensTheReference() {
        KernelSelector.Opened opened = KernelSelector.open(options(KernelBackend.SCALAR, 8));
        try (Kernels kernels = opened.kernels()) {
            assertThat(kernels.name()).isEqualTo("scalar");
            assertThat(kernels.threads()).isOne();
            assertThat(opened.fallbackReason()).isEmpty();
        }
    }

    @Test
    void stopsWhereTheRequestedBackendCannotLoad() throws Exception {
        String message = breakTheLibrary();
        assertThatThrownBy(() -> KernelSelector.open(options(KernelBackend.NATIVE, 1)))
                .isInstanceOf(KernelException.class)
                .hasMessage(message)
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KernelSelector.mappedMemory(options(KernelBackend.NATIVE, 1)))
                .isInstanceOf(KernelException.class)
                .hasMessage(message);
    }

    @Test
    void fallsBackWithTheReasonWhereNothingWasRequested() throws Exception {
        String message = breakTheLibrary();
        KernelSelector.Opened opened = KernelSelector.open(options(KernelBackend.AUTO, 1));
        try (Kernels kernels = opened.kernels()) {
            assertThat(kernels.name()).isEqualTo("scalar");
            assertThat(opened.fallbackReason()).contains(message);
        }
        assertNothingKnown(KernelSelector.mappedMemory(options(KernelBackend.AUTO, 1)));
    }

    @Test
    void knowsNothingOfMappedMemoryWithoutTheLibrary() {
        assertNothingKnown(KernelSelector.mappedMemory(options(KernelBackend.SCALAR, 1)));
    }

    private static void assertNothingKnown(MappedMemory memory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(8192, 4096);
            memory.guard(segment);
            memory.unguard(segment);
            assertThat(memory.faults()).isZero();
            assertThat(memory.majorFaults()).isZero();
            assertThat(memory.advise(segment, MappedMemory.Advice.RANDOM)).isFalse();
            assertThat(memory.residentBytes(segment)).isEmpty();
        }
    }

    @Test
    void refusesANumberOfThreadsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options(KernelBackend.AUTO, 1025))
                .withMessage("kernel options, threads: expected 0 to 1024, found 1025");
    }

    /// Returns the message that this leads to.
    private String breakTheLibrary() throws Exception {
        Path file = Files.writeString(directory.resolve("broken.so"), "no library");
        System.setProperty(NativeLibrary.PATH_PROPERTY, file.toString());
        return file
                + ", library: expected a shared library of this machine that can be loaded, found another file or none";
    }

    private static KernelOptions options(KernelBackend backend, int threads) {
        return new KernelOptions(backend, threads, Optional.empty());
    }
}
