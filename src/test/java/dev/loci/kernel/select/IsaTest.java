package dev.loci.kernel.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class IsaTest {
    @Test
    void readsEveryCap() {
        assertThat(Isa.capFromEnvironment(Map.of("LOCI_MAX_ISA", "generic"))).contains(Isa.GENERIC);
        assertThat(Isa.capFromEnvironment(Map.of("LOCI_MAX_ISA", "avx2"))).contains(Isa.AVX2);
        assertThat(Isa.capFromEnvironment(Map.of("LOCI_MAX_ISA", "avx512"))).contains(Isa.AVX512);
        assertThat(Isa.capFromEnvironment(Map.of("LOCI_MAX_ISA", "amx"))).contains(Isa.AMX);
        assertThat(Isa.capFromEnvironment(Map.of())).isEmpty();
    }

    @Test
    void refusesAnUnknownCap() {
        for (String unknown : new String[] {"", "AVX2", "avx512 ", "sse"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Isa.capFromEnvironment(Map.of("LOCI_MAX_ISA", unknown)))
                    .withMessage("LOCI_MAX_ISA: expected generic, avx2, avx512 or amx, found \"" + unknown + "\"");
        }
    }
}
