package dev.loci.api.openai;

import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/// Memory of all requests' bodies that are being read and decoded, bounded together: each body has its own bounds, but
/// many at once would fill the heap. Thread-safe.
///
/// Memory is taken as bytes come in, not by what a head promises, so that clients who send slowly keep nobody out with
/// bytes that are not there. A body that is alone always fits.
@Singleton
final class BodyBudget {
    /// In which a body is decoded, or given up.
    private static final long RETRY_SECONDS = 1;

    private final AtomicLong held = new AtomicLong();

    BodyBudget() {}

    /// Bytes that all bodies hold now.
    long held() {
        return held.get();
    }

    /// A body begins.
    /// @param maxBytes of all of them
    Share open(long maxBytes) {
        return new Share(maxBytes);
    }

    /// What one body holds until it is closed. Used by one thread.
    final class Share implements AutoCloseable {
        private final long maxBytes;
        private long own;

        private Share(long maxBytes) {
            this.maxBytes = maxBytes;
        }

        /// @throws ApiException where the others leave too little
        void take(long bytes) {
            long now = held.get();
            while (now == own || now + bytes <= maxBytes) {
                if (held.compareAndSet(now, now + bytes)) {
                    own += bytes;
                    return;
                }
                now = held.get();
            }
            throw ApiException.full(
                    "bodies_full",
                    "bodies that are being decoded: expected at most " + maxBytes + " bytes of memory, found " + now
                            + " and " + bytes + " more",
                    RETRY_SECONDS);
        }

        @Override
        public void close() {
            held.addAndGet(-own);
            own = 0;
        }
    }
}
