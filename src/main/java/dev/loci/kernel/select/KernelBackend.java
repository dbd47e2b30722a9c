package dev.loci.kernel.select;

/// Which ops an operator asks for.
public enum KernelBackend {
    /// [#NATIVE] where it can be had, else [#SCALAR].
    AUTO,
    NATIVE,
    SCALAR
}
