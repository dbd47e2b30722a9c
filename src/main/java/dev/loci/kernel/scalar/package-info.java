/// The reference of every op: one loop for each index of its formula, sums in `double`, never optimised beyond that.
///
/// Open [dev.loci.kernel.scalar.ScalarKernels]. Backends are compared with these ops in their contract tests, and the
/// ops
/// run where no native library can be had. Uses the JDK alone.
package dev.loci.kernel.scalar;
