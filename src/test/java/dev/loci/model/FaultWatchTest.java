package dev.loci.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class FaultWatchTest {
    private static final long SLOW = FaultWatch.SLOW_NANOS;

    private final AtomicLong faults = new AtomicLong(100);
    private final AtomicInteger asked = new AtomicInteger();
    private final FaultWatch watch = new FaultWatch(() -> {
        asked.incrementAndGet();
        return faults.get();
    });

    private long gather(long at, long nanos, long more) {
        watch.begin(at);
        faults.addAndGet(more);
        return watch.end(at + nanos, nanos);
    }

    @Test
    void asksNobodyAfterQuickGathers() {
        long now = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertThat(gather(now + i, SLOW - 1, 0)).isZero();
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void countsTheFaultsOfSlowGathers() {
        long now = System.nanoTime();
        assertThat(gather(now, SLOW, 3)).isEqualTo(3);
        faults.addAndGet(50);
        assertThat(gather(now + SLOW, SLOW, 4))
                .as("faults between gathers are not theirs")
                .isEqualTo(4);
    }

    @Test
    void forgetsWhatIsOld() {
        long now = System.nanoTime();
        faults.addAndGet(50);
        assertThat(gather(now + 2 * FaultWatch.STALE_NANOS, SLOW, 2)).isEqualTo(2);
    }
}
