package dev.loci.kernel.ffi;

import dev.loci.kernel.KernelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/// The loaded C library: the address of each function. Stays loaded until the process ends; thread-safe.
public final class NativeLibrary {
    static final int ABI_VERSION = 1;

    /// System property: path of the library to use instead of the one on the class path.
    public static final String PATH_PROPERTY = "loci.kernels.library";

    private static NativeLibrary bundled;

    private final String origin;
    private final Binding binding;
    private final Map<NativeFunction, MemorySegment> addresses;
    private final NativeCpu cpu;

    NativeLibrary(String origin, Binding binding) {
        this.origin = origin;
        this.binding = binding;
        this.addresses = new EnumMap<>(NativeFunction.class);
        for (NativeFunction function : NativeFunction.values()) {
            MemorySegment address = binding.find(function.symbol());
            if (address.address() == 0) {
                throw KernelException.of(origin, "symbols", function.symbol(), "none");
            }
            addresses.put(function, address);
        }
        this.cpu = NativeCpu.of(this);
        if (cpu.abiVersion() != ABI_VERSION) {
            throw KernelException.of(
                    origin, "ABI version", Integer.toString(ABI_VERSION), Integer.toString(cpu.abiVersion()));
        }
    }

    /// Loads the library that [#PATH_PROPERTY] names, else the one that Loci brings along; the latter once a process,
    /// since a second copy would guard and count for itself.
    public static NativeLibrary open() {
        String path = System.getProperty(PATH_PROPERTY, "");
        if (NativeImage.LINKED_IN) {
            if (!path.isEmpty()) {
                throw KernelException.of(PATH_PROPERTY, "library", "none, since it is linked in", path);
            }
            return LinkedIn.LIBRARY;
        }
        if (!path.isEmpty()) {
            return open(Path.of(path), path);
        }
        synchronized (NativeLibrary.class) {
            if (bundled == null) {
                bundled = BundledLibrary.extracted(NativeLibrary::open);
            }
            return bundled;
        }
    }

    private static NativeLibrary open(Path file, String origin) {
        return new NativeLibrary(origin, new PanamaBinding(symbols(file, origin)));
    }

    static SymbolLookup symbols(Path file, String origin) {
        try {
            return SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
        } catch (IllegalCallerException e) {
            throw KernelException.of(
                    origin, "native access", "a start with --enable-native-access=ALL-UNNAMED", "none", e);
        } catch (IllegalArgumentException e) {
            throw KernelException.of(
                    origin,
                    "library",
                    "a shared library of this machine that can be loaded",
                    "another file or none",
                    e);
        }
    }

    /// The library that is part of the executable; opened at its first use.
    private static final class LinkedIn {
        static final NativeLibrary LIBRARY = new NativeLibrary("executable", new JniBinding());
    }

    Binding binding() {
        return binding;
    }

    MemorySegment address(NativeFunction function) {
        return addresses.get(function);
    }

    public NativeCpu cpu() {
        return cpu;
    }

    @Override
    public String toString() {
        return origin;
    }
}
