/// The ops that a model is made of: one interface each, segments and ints only.
///
/// Open [Kernels] first: it names every op of a backend. `kernel.scalar` is the reference, one loop per index of each
/// formula; `kernel.ffi` calls the C library of `kernels-native/`; `kernel.select` chooses between them. Uses the JDK
/// alone.
package dev.loci.kernel;
