package dev.loci.kernel.select;

import java.util.Objects;
import java.util.Optional;

/// What an operator asks for.
/// @param threads of one op, its caller among them; 0 for as many as there are cores
/// @param cap     highest instruction set to use; empty for the highest that the machine has
public record KernelOptions(KernelBackend backend, int threads, Optional<Isa> cap) {
    private static final int MAX_THREADS = 1024;

    public KernelOptions {
        Objects.requireNonNull(backend, "backend");
        Objects.requireNonNull(cap, "cap");
        if (threads < 0 || threads > MAX_THREADS) {
            throw new IllegalArgumentException(
                    "kernel options, threads: expected 0 to " + MAX_THREADS + ", found " + threads);
        }
    }
}
