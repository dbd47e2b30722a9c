package dev.loci.kernel.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.KernelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NativeLibraryTest {
    private final String path = System.getProperty(NativeLibrary.PATH_PROPERTY, "");

    @AfterEach
    void restoreThePath() {
        System.setProperty(NativeLibrary.PATH_PROPERTY, path);
    }

    @Test
    void isLoadedOnceFromTheClassPath() {
        NativeLibrary library = NativeLibrary.open();
        assertThat(library)
                .hasToString("native/linux-x86_64/libloci_kernels.so")
                .isSameAs(NativeLibrary.open());
        assertThat(library.cpu().abiVersion()).isEqualTo(NativeLibrary.ABI_VERSION);
    }

    @Test
    void leavesNoCopyBehind() throws Exception {
        System.clearProperty(NativeLibrary.PATH_PROPERTY);
        NativeLibrary.open();
        BundledLibrary.extracted((copy, name) -> {
            assertThat(copy).isNotEmptyFile();
            return copy;
        });
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            assertThat(maps).anyMatch(line -> line.contains("loci-kernels-") && line.endsWith("(deleted)"));
        }
    }

    @Test
    void namesTheResourceByMachine() {
        assertThat(BundledLibrary.resource("Linux", "amd64")).isEqualTo("native/linux-x86_64/libloci_kernels.so");
        assertThat(BundledLibrary.resource("Linux", "aarch64")).isEqualTo("native/linux-aarch64/libloci_kernels.so");
    }

    @Test
    void refusesAPathThatIsNotThere() {
        System.setProperty(NativeLibrary.PATH_PROPERTY, "/nowhere/libloci_kernels.so");
        assertThatThrownBy(NativeLibrary::open)
                .isInstanceOf(KernelException.class)
                .hasMessage(
                        "/nowhere/libloci_kernels.so, library: expected a shared library of this machine that can be "
                                + "loaded, found another file or none")
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesALibraryWithoutTheSymbols() throws Exception {
        Path other = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
        System.setProperty(NativeLibrary.PATH_PROPERTY, other.toString());
        assertThatThrownBy(NativeLibrary::open)
                .isInstanceOf(KernelException.class)
                .hasMessage(other + ", symbols: expected loci_cpu, found none");
    }
}
