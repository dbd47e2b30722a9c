package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.KvType;
import dev.loci.kernel.RowType;
import org.junit.jupiter.api.Test;

final class NamesTest {
    @Test
    void findsAConstantByItsNameInSmallLetters() {
        assertThat(Names.parse(RowType.class, "--table-dtype", "int4")).isEqualTo(RowType.INT4);
        assertThat(Names.parseOrAuto(KvType.class, "--kv-type", "f16")).contains(KvType.F16);
        assertThat(Names.parseOrAuto(KvType.class, "--kv-type", "auto")).isEmpty();
    }

    @Test
    void saysWhatIsExpected() {
        assertThatThrownBy(() -> Names.parse(RowType.class, "--table-dtype", "INT4"))
                .isInstanceOf(CliException.class)
                .hasMessage("command line, --table-dtype: expected f32, bf16, f16, int8, int4, found INT4");
        assertThatThrownBy(() -> Names.parseOrAuto(KvType.class, "--kv-type", "f8"))
                .isInstanceOf(CliException.class)
                .hasMessage("command line, --kv-type: expected f32, bf16, f16, int8 or auto, found f8");
    }
}
