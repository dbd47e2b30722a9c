package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SizesTest {
    @Test
    void writesBytesInTheLargestUnitThatFits() {
        assertThat(Sizes.bytes(0)).isEqualTo("0 B");
        assertThat(Sizes.bytes(1023)).isEqualTo("1023 B");
        assertThat(Sizes.bytes(1024)).isEqualTo("1.0 KiB");
        assertThat(Sizes.bytes(8L << 30)).isEqualTo("8.0 GiB");
        assertThat(Sizes.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }

    @Test
    void writesDecimalsWithAPoint() {
        assertThat(Sizes.decimals(3.13006, 4)).isEqualTo("3.1301");
        assertThat(Sizes.decimals(1e-9, 4)).isEqualTo("0.0000");
        assertThat(Sizes.decimals(1e9, 1)).isEqualTo("1000000000.0");
    }
}
