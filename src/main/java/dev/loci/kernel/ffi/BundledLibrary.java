package dev.loci.kernel.ffi;

import dev.loci.kernel.KernelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.function.BiFunction;

/// The library as a resource of the class path, `native/<os>-<arch>/libloci_kernels.so`.
final class BundledLibrary {
    private static final String FILE = "libloci_kernels.so";

    private BundledLibrary() {}

    /// Lets `use` load a copy, a file of this process alone that is gone when this returns: the loader keeps its pages,
    /// so
    /// nothing is left behind however the process ends.
    /// @param use gets the copy and the name for messages
    static <T> T extracted(BiFunction<Path, String, T> use) {
        String resource = resource(System.getProperty("os.name"), System.getProperty("os.arch"));
        Path copy = null;
        try (InputStream in = BundledLibrary.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw KernelException.of(resource, "class path", "a resource of this name", "none");
            }
            copy = Files.createTempFile("loci-kernels-", ".so");
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return use.apply(copy, resource);
        } catch (IOException e) {
            throw KernelException.of(
                    resource, "copy", "a temporary directory that can be written to", e.getMessage(), e);
        } finally {
            delete(copy);
        }
    }

    static String resource(String os, String arch) {
        String normalized = arch.equals("amd64") ? "x86_64" : arch;
        return "native/" + os.toLowerCase(Locale.ROOT) + "-" + normalized + "/" + FILE;
    }

    private static void delete(Path copy) {
        if (copy != null) {
            try {
                Files.deleteIfExists(copy);
            } catch (IOException e) {
                copy.toFile().deleteOnExit();
            }
        }
    }
}
