/// The ops in C: the only user of `Linker` and `SymbolLookup`.
///
/// Open [dev.loci.kernel.ffi.NativeLibrary] first, then [dev.loci.kernel.ffi.NativeKernels] or
/// [dev.loci.kernel.ffi.NativeMappedMemory] on it. [dev.loci.kernel.ffi.NativeFunction] lists the C symbols; an op is a
/// class that writes the arguments' struct into memory it owns and calls. Uses `kernel` and the JDK.
package dev.loci.kernel.ffi;
