package dev.loci.kernel.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The one call stub of the ABI. Every function has its shape, so one constant handle, which the compiler can inline,
/// serves them all.
final class Downcall {
    // int32_t f(void *context, const void *args);
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

    private Downcall() {}

    static int invoke(MemorySegment function, MemorySegment context, MemorySegment args) {
        try {
            return (int) CALL.invokeExact(function, context, args);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }
}
