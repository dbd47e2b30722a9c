package dev.loci.perf;

import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

/// Numbered requests, so many at once at most.
final class Crowd {
    private Crowd() {}

    /// Gives each number of [from, to) to `each`, on a virtual thread of its own, and waits for all of them.
    static void send(int from, int to, int atOnce, IntConsumer each) throws InterruptedException {
        Semaphore places = new Semaphore(atOnce);
        for (int i = from; i < to; i++) {
            places.acquire();
            int index = i;
            Thread.startVirtualThread(() -> {
                try {
                    each.accept(index);
                } finally {
                    places.release();
                }
            });
        }
        places.acquire(atOnce);
    }
}
