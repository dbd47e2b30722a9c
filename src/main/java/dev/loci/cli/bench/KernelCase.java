package dev.loci.cli.bench;

import dev.loci.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// One call of a kernel.
/// @param bytes       that it reads of weights, rows or cache
/// @param bytesPerSecond that the machine reads of them at most
/// @param products    multiply-adds
/// @param operations  the machine's limit for them, a second; 0 where it sets none
/// @param outBytes    of its result
/// @param call        runs it into a result
/// @param figures     the result as floats that do not depend on ties
record KernelCase(
        String name,
        Map<String, Object> parameters,
        double bytes,
        double bytesPerSecond,
        double products,
        double operations,
        long outBytes,
        BiConsumer<Kernels, MemorySegment> call,
        Function<MemorySegment, float[]> figures) {
    /// Seconds that it takes at least.
    double leastSeconds() {
        return Math.max(bytes / bytesPerSecond, operations == 0 ? 0 : 2 * products / operations);
    }

    static String name(Enum<?> type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /// A result as it is.
    static float[] floats(MemorySegment out) {
        return out.toArray(ValueLayout.JAVA_FLOAT);
    }
}
