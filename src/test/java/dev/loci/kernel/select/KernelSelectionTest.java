package dev.loci.kernel.select;

import static dev.loci.kernel.select.CpuFlag.AVX2;
import static dev.loci.kernel.select.CpuFlag.AVX512;
import static dev.loci.kernel.select.CpuFlag.AVX512_BF16;
import static dev.loci.kernel.select.CpuFlag.AVX512_VNNI;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KernelSelectionTest {
    private static final Set<CpuFlag> ALL = EnumSet.allOf(CpuFlag.class);

    @Test
    void takesTheHighestSetThatTheCpuHas() {
        assertSelected("amd64", Set.of(), Isa.AMX, Isa.GENERIC);
        assertSelected("amd64", Set.of(AVX2), Isa.AMX, Isa.AVX2, AVX2);
        assertSelected("amd64", Set.of(AVX2, AVX512), Isa.AMX, Isa.AVX512, AVX2, AVX512);
        assertSelected("amd64", Set.of(AVX2, AVX512, AVX512_VNNI), Isa.AMX, Isa.AVX512, AVX2, AVX512, AVX512_VNNI);
    }

    @Test
    void needsEveryFlagOfASet() {
        assertSelected("amd64", Set.of(AVX512), Isa.AMX, Isa.GENERIC);
        assertSelected("amd64", Set.of(AVX2, AVX512_VNNI), Isa.AMX, Isa.AVX2, AVX2);
    }

    @Test
    void staysBelowTheCap() {
        assertSelected("amd64", ALL, Isa.GENERIC, Isa.GENERIC);
        assertSelected("amd64", ALL, Isa.AVX2, Isa.AVX2, AVX2);
        assertSelected("amd64", ALL, Isa.AVX512, Isa.AVX512, AVX2, AVX512, AVX512_VNNI, AVX512_BF16);
    }

    @Test
    void takesAmxWhereTheCpuHasItsTilesAndVnni() {
        assertThat(KernelSelection.of("amd64", ALL, Isa.AMX)).isEqualTo(new KernelSelection(Isa.AMX, ALL));
        Set<CpuFlag> without = EnumSet.complementOf(EnumSet.of(CpuFlag.AMX_INT8));
        assertThat(KernelSelection.of("amd64", without, Isa.AMX).isa()).isEqualTo(Isa.AVX512);
    }

    @Test
    void isGenericOnOtherArchitectures() {
        assertSelected("aarch64", ALL, Isa.AMX, Isa.GENERIC);
    }

    @Test
    void numbersFlagsAsTheAbiDoes() {
        assertThat(CpuFlag.ofBits(0b100_0101)).containsExactlyInAnyOrder(AVX2, AVX512_VNNI, CpuFlag.AMX_BF16);
        assertThat(CpuFlag.bits(ALL)).isEqualTo(0b111_1111);
    }

    private static void assertSelected(String arch, Set<CpuFlag> flags, Isa cap, Isa isa, CpuFlag... usable) {
        assertThat(KernelSelection.of(arch, flags, cap)).isEqualTo(new KernelSelection(isa, Set.of(usable)));
    }
}
