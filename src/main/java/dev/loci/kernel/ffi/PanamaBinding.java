package dev.loci.kernel.ffi;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// Calls through the foreign function interface: one constant handle, which the compiler can inline.
final class PanamaBinding implements Binding {
    static final String NAME = "panama";

    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(NativeFunction.SHAPE);

    private final SymbolLookup symbols;

    PanamaBinding(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public MemorySegment find(String symbol) {
        return symbols.find(symbol).orElse(MemorySegment.NULL);
    }

    @Override
    public int call(MemorySegment function, MemorySegment context, MemorySegment args) {
        try {
            return (int) CALL.invokeExact(function, context, args);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }
}
