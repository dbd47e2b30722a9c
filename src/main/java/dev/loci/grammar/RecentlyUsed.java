package dev.loci.grammar;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongBiFunction;

/// A map of what was used last, bounded by bytes. Thread-safe; whoever looks takes no lock.
///
/// Two generations: what is used moves to the younger one, and when that has half of the bytes the older one is let go.
final class RecentlyUsed<K, V> {
    private final long maxBytes;
    private final ToLongBiFunction<K, V> bytes;
    private volatile Generations<K, V> now = new Generations<>(new ConcurrentHashMap<>());

    private static final class Generations<K, V> {
        private final ConcurrentHashMap<K, V> younger = new ConcurrentHashMap<>();
        private final ConcurrentHashMap<K, V> older;
        private final AtomicLong youngerBytes = new AtomicLong();

        Generations(ConcurrentHashMap<K, V> older) {
            this.older = older;
        }
    }

    /// @param bytes of an entry
    RecentlyUsed(long maxBytes, ToLongBiFunction<K, V> bytes) {
        this.maxBytes = maxBytes;
        this.bytes = bytes;
    }

    Optional<V> find(K key) {
        Generations<K, V> generations = now;
        V found = generations.younger.get(key);
        if (found == null) {
            found = generations.older.get(key);
            if (found != null) {
                put(key, found);
            }
        }
        return Optional.ofNullable(found);
    }

    void put(K key, V value) {
        Generations<K, V> generations = now;
        if (generations.younger.putIfAbsent(key, value) == null
                && generations.youngerBytes.addAndGet(bytes.applyAsLong(key, value)) > maxBytes / 2) {
            age(generations);
        }
    }

    private synchronized void age(Generations<K, V> full) {
        if (now == full) {
            now = new Generations<>(full.younger);
        }
    }

    /// Of both generations; what has moved counts twice.
    int size() {
        return now.younger.size() + now.older.size();
    }
}
