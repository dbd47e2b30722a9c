package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.LimitKernel.Product;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

public abstract class LimitKernelContract extends KernelContract {
    @Test
    void readsWhatTheReferenceReads() {
        MemorySegment data = samples.floats(64 * 1000, 1);
        assertThat(kernels.limit().read(data)).isEqualTo(reference.limit().read(data));
        MemorySegment rows = outBytes(4 * 333);
        for (int i = 0; i < 333; i++) {
            rows.setAtIndex(ValueLayout.JAVA_INT, i, i * 7 % 1000);
        }
        for (int ahead : new int[] {0, 1, 64}) {
            int rowBytes = ahead == 0 ? 256 : 136;
            assertThat(kernels.limit().rows(data, rowBytes, 256, rows, ahead))
                    .isEqualTo(reference.limit().rows(data, rowBytes, 256, rows, ahead));
        }
    }

    @Test
    void countsItsProducts() {
        long one = kernels.limit().products(Product.F32, 1000);
        assertThat(one).isPositive();
        assertThat(kernels.limit().products(Product.F32, 3000)).isEqualTo(3 * one);
        try (Kernels more = open(2)) {
            assertThat(more.limit().products(Product.F32, 1000)).isEqualTo(2 * one);
        }
    }

    @Test
    void refusesWhatIsOutside() {
        MemorySegment data = samples.floats(64, 1);
        MemorySegment rows = outBytes(4);
        rows.set(ValueLayout.JAVA_INT, 0, 4);
        assertRefused(() -> kernels.limit().rows(data, 64, 64, rows, 0), "rows");
        assertRefused(() -> kernels.limit().rows(data, 60, 64, rows, 0), "row_bytes");
        assertRefused(() -> kernels.limit().rows(data, 64, 60, rows, 0), "stride");
        assertRefused(() -> kernels.limit().rows(data, 64, 64, rows, 1025), "ahead");
        assertRefused(() -> kernels.limit().read(data.asSlice(0, 100)), "data");
        assertRefused(() -> kernels.limit().products(Product.F32, 0), "repeats");
    }
}
