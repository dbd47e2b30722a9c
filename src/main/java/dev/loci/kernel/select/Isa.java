package dev.loci.kernel.select;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Instruction sets that kernels are written for, from the lowest; codes are those of the kernel ABI.
public enum Isa {
    GENERIC(0, Set.of(), Set.of()),
    AVX2(1, Set.of(CpuFlag.AVX2), Set.of()),
    AVX512(2, Set.of(CpuFlag.AVX2, CpuFlag.AVX512), Set.of(CpuFlag.AVX512_VNNI, CpuFlag.AVX512_BF16)),
    AMX(
            3,
            Set.of(
                    CpuFlag.AVX2,
                    CpuFlag.AVX512,
                    CpuFlag.AVX512_VNNI,
                    CpuFlag.AMX_TILE,
                    CpuFlag.AMX_INT8,
                    CpuFlag.AMX_BF16),
            Set.of(CpuFlag.AVX512_BF16));

    /// Environment variable that caps the choice.
    public static final String CAP_VARIABLE = "LOCI_MAX_ISA";

    private final int code;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is
    private final Set<CpuFlag> needed;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is
    private final Set<CpuFlag> used;

    Isa(int code, Set<CpuFlag> needed, Set<CpuFlag> used) {
        this.code = code;
        this.needed = needed;
        this.used = used;
    }

    public int code() {
        return code;
    }

    /// Without these a CPU does not have the set.
    Set<CpuFlag> needed() {
        return needed;
    }

    /// Whether kernels of the set may use a flag.
    boolean uses(CpuFlag flag) {
        return needed.contains(flag) || used.contains(flag);
    }

    /// As in names and in [#CAP_VARIABLE]: `generic`, `avx2`, `avx512`, `amx`.
    public String lowerCaseName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The cap that [#CAP_VARIABLE] sets, if any; a value that is none of the names fails.
    public static Optional<Isa> capFromEnvironment(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(CAP_VARIABLE)).map(Isa::parseCap);
    }

    private static Isa parseCap(String value) {
        for (Isa isa : values()) {
            if (isa.lowerCaseName().equals(value)) {
                return isa;
            }
        }
        throw new IllegalArgumentException(
                CAP_VARIABLE + ": expected generic, avx2, avx512 or amx, found \"" + value + "\"");
    }
}
