/// Which backend runs: the only package that names backends.
///
/// Open [dev.loci.kernel.select.KernelSelector]. What it decides by the CPU is the pure function
/// [dev.loci.kernel.select.KernelSelection]. Uses `kernel`, `kernel.scalar` and `kernel.ffi`.
package dev.loci.kernel.select;
