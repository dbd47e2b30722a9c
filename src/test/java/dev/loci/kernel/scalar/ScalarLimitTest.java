package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.LimitKernel.Product;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ScalarLimitTest extends ScalarTestCase {
    @Test
    void takesTheExclusiveOr() {
        MemorySegment data = arena.allocate(128, 8);
        data.setAtIndex(ValueLayout.JAVA_LONG, 0, 5);
        data.setAtIndex(ValueLayout.JAVA_LONG, 15, 3);
        assertThat(new ScalarLimit().read(data)).isEqualTo(6);
        MemorySegment rows = arena.allocate(12, 4);
        rows.setAtIndex(ValueLayout.JAVA_INT, 1, 1);
        rows.setAtIndex(ValueLayout.JAVA_INT, 2, 1);
        assertThat(new ScalarLimit().rows(data, 64, 64, rows, 0)).isEqualTo(5);
    }

    @Test
    void countsProducts() {
        assertThat(new ScalarLimit().products(Product.F32, 7)).isEqualTo(7);
    }
}
