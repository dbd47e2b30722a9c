package dev.loci.kernel.select;

import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.ffi.NativeKernels;
import dev.loci.kernel.ffi.NativeLibrary;
import dev.loci.kernel.ffi.NativeMappedMemory;
import dev.loci.kernel.scalar.ScalarKernels;
import java.util.Optional;

/// Opens the backend that options ask for. One that cannot be had is a [KernelException], except under
/// [KernelBackend#AUTO], which falls back to the reference.
public final class KernelSelector {
    /// What was opened.
    /// @param fallbackReason why [KernelBackend#AUTO] did not take the native backend; worth one line in a log
    public record Opened(Kernels kernels, Optional<String> fallbackReason) {}

    private KernelSelector() {}

    public static Opened open(KernelOptions options) {
        return switch (options.backend()) {
            case SCALAR -> new Opened(new ScalarKernels(), Optional.empty());
            case NATIVE -> new Opened(openNative(options), Optional.empty());
            case AUTO -> {
                try {
                    yield new Opened(openNative(options), Optional.empty());
                } catch (KernelException e) {
                    yield new Opened(new ScalarKernels(), Optional.of(e.getMessage()));
                }
            }
        };
    }

    /// Mapped memory of the same backend that [#open] takes.
    public static MappedMemory mappedMemory(KernelOptions options) {
        return switch (options.backend()) {
            case SCALAR -> new PlainMappedMemory();
            case NATIVE -> NativeMappedMemory.open(NativeLibrary.open());
            case AUTO -> {
                try {
                    yield NativeMappedMemory.open(NativeLibrary.open());
                } catch (KernelException e) {
                    yield new PlainMappedMemory(); // the same cause that open() tells
                }
            }
        };
    }

    /// The library counts the cores that the process may run on, the runtime those that a container's share pays for.
    private static int cores(NativeLibrary library) {
        return Math.min(library.cpu().cores(), Runtime.getRuntime().availableProcessors());
    }

    private static Kernels openNative(KernelOptions options) {
        NativeLibrary library = NativeLibrary.open();
        KernelSelection selection = KernelSelection.of(
                System.getProperty("os.arch"),
                CpuFlag.ofBits(library.cpu().flags()),
                options.cap().orElse(Isa.AMX));
        return NativeKernels.open(
                library,
                "native/" + selection.isa().lowerCaseName(),
                selection.isa().code(),
                CpuFlag.bits(selection.flags()),
                options.threads() == 0 ? cores(library) : options.threads());
    }
}
