package dev.loci.kernel.select;

import java.util.Set;
import java.util.stream.Collectors;

/// What the native kernels of a machine may use.
/// @param flags of the CPU's, those that kernels of `isa` use
public record KernelSelection(Isa isa, Set<CpuFlag> flags) {
    private static final String X86 = "amd64";

    public KernelSelection {
        flags = Set.copyOf(flags);
    }

    /// The highest set up to the cap whose flags the CPU has.
    /// @param arch as the property `os.arch` says
    /// @param cap  [Isa#AMX] for none
    public static KernelSelection of(String arch, Set<CpuFlag> flags, Isa cap) {
        Isa chosen = Isa.GENERIC;
        if (arch.equals(X86)) {
            for (Isa isa : Isa.values()) {
                if (isa.compareTo(cap) <= 0 && flags.containsAll(isa.needed())) {
                    chosen = isa;
                }
            }
        }
        return new KernelSelection(chosen, flags.stream().filter(chosen::uses).collect(Collectors.toSet()));
    }
}
