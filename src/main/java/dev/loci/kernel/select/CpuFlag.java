package dev.loci.kernel.select;

import java.util.EnumSet;
import java.util.Set;

/// What a CPU can do, where the operating system saves the registers too; bits are those of the kernel ABI.
public enum CpuFlag {
    /// AVX2, FMA and F16C together.
    AVX2(0),
    /// AVX-512 F, BW, DQ and VL together.
    AVX512(1),
    AVX512_VNNI(2),
    AVX512_BF16(3),
    AMX_TILE(4),
    AMX_INT8(5),
    AMX_BF16(6);

    private final int bit;

    CpuFlag(int bit) {
        this.bit = bit;
    }

    static Set<CpuFlag> ofBits(long bits) {
        Set<CpuFlag> flags = EnumSet.noneOf(CpuFlag.class);
        for (CpuFlag flag : values()) {
            if ((bits >>> flag.bit & 1) != 0) {
                flags.add(flag);
            }
        }
        return flags;
    }

    static int bits(Set<CpuFlag> flags) {
        int bits = 0;
        for (CpuFlag flag : flags) {
            bits |= 1 << flag.bit;
        }
        return bits;
    }
}
