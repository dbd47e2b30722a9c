package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);

    @Test
    void timeWithoutAnythingToDoIsNoTimeOfService() {
        Admission admission = new Admission(20, 1 << 20, nanos::get);
        for (int i = 0; i < 100; i++) {
            serve(admission, 5);
        }
        assertThat(retrySeconds(admission)).isEqualTo(1);
        pass(10_000);
        serve(admission, 5);
        assertThat(retrySeconds(admission)).isEqualTo(1);
    }

    @Test
    void whoIsRefusedIsToldHowLongWhatIsInTakes() {
        Admission admission = new Admission(20, 1 << 20, nanos::get);
        for (int i = 0; i < 3; i++) {
            serve(admission, 500);
            pass(10_000);
        }
        assertThat(retrySeconds(admission)).isEqualTo(10);
    }

    @Test
    void severalEnterTogetherOrNotAtAll() {
        Admission admission = new Admission(20, 1 << 20, nanos::get);
        admission.enter("k", 15, 15);
        assertThatThrownBy(() -> admission.enter("k", 6, 6))
                .hasMessage("engine, requests: expected at most 20, found 15 and 6 more");
        assertThat(admission.requests()).isEqualTo(15);
        admission.enter("k", 5, 5);
        assertThatThrownBy(() -> admission.enter("another", 11, 11))
                .hasMessage("engine, requests: expected at most 20, found 20 and 11 more");
        admission.enter("another", 10, 10);
        assertThat(admission.requests()).isEqualTo(30);
    }

    @Test
    void whereNothingWaitsPromptsOfAnyLengthEnter() {
        Admission admission = new Admission(20, 50, nanos::get);
        admission.enter("k", 20, 3_000_000_000L);
        for (int i = 0; i < 20; i++) {
            admission.giveUp("k", 150_000_000);
        }
        admission.enter("k", 1, 1);
        assertThatThrownBy(() -> admission.enter("k", 2, 50))
                .hasMessage("engine, prompt tokens that wait: expected at most 50, found 1 and 50 more");
    }

    private void serve(Admission admission, long millis) {
        admission.enter("k", 1, 1);
        admission.start("k", 1);
        pass(millis);
        admission.end("k");
    }

    private void pass(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /// Fills it, asks, and empties it again.
    private static long retrySeconds(Admission admission) {
        for (int i = 0; i < 20; i++) {
            admission.enter("k", 1, 1);
        }
        EngineException refusal = catchThrowableOfType(EngineException.class, () -> admission.enter("k", 1, 1));
        for (int i = 0; i < 20; i++) {
            admission.giveUp("k", 1);
        }
        return refusal.retryAfterSeconds();
    }
}
