package dev.loci.kernel.ffi;

import java.lang.foreign.MemorySegment;

/// A way to call C. All functions have one shape, so a binding is a look-up of symbols and one call.
interface Binding {
    /// As in the start log.
    String name();

    /// Address of a function, [MemorySegment#NULL] where there is none of this name.
    MemorySegment find(String symbol);

    /// Calls `int32_t function(void *context, const void *args)`; only addresses cross.
    int call(MemorySegment function, MemorySegment context, MemorySegment args);
}
