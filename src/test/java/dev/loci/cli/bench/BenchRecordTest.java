package dev.loci.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BenchRecordTest {
    @Test
    void valueIsTheMedian() {
        assertThat(BenchRecord.of("x", Map.of(), "s", List.of(5.0, 1.0, 2.0)).value())
                .isEqualTo(2);
        assertThat(BenchRecord.of("x", Map.of(), "s", List.of(4.0, 1.0)).value())
                .isEqualTo(2.5);
    }

    @Test
    void leavesOutWhatIsNotKnown() {
        BenchRecord record = BenchRecord.of("x", Map.of("rows", 3), "s", List.of(2.0));
        assertThat(record.json()).containsOnlyKeys("name", "rows", "value", "unit", "runs");
        assertThat(record.within(4).json()).containsEntry("limit", 4.0).containsEntry("ratio", 0.5);
    }

    @Test
    void needsARun() {
        assertThatThrownBy(() -> BenchRecord.of("x", Map.of(), "s", List.of()))
                .hasMessage("x, runs: expected at least 1, found none");
    }

    @Test
    void writesNumbersShortly() {
        assertThat(List.of(0.0, 1234.5, 99.96, 0.5, 1e-7, 2e7).stream().map(BenchReport::number))
                .containsExactly("0.000", "1234", "100.0", "0.500", "1e-7", "2e7");
    }
}
