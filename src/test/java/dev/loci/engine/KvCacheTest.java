package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.kernel.Norm;
import dev.loci.kernel.WeightType;
import dev.loci.store.FakeMemory;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KvCacheTest {
    private static final int CONTEXT = 128;
    private static final ModelConfig CONFIG = new ModelConfig(
            "synthetic",
            4,
            2,
            2,
            1,
            2,
            4,
            CONTEXT,
            16,
            16,
            10000,
            Norm.Kind.RMS,
            1e-5f,
            true,
            false,
            false,
            OptionalDouble.empty(),
            true,
            List.of(0),
            OptionalInt.empty(),
            WeightType.F32,
            Optional.empty());

    /// A row in use and the ids that its positions stand for.
    @SuppressWarnings("ArrayRecordComponent") // read by index; nobody compares rows
    private record Held(int row, int[] ids, int computed) {}

    @Test
    void laterPromptsShareTheWholePagesOfEarlierOnes() {
        try (KvCache cache = new KvCache(CONFIG, KvType.F32, 8, 4, true, new FakeMemory())) {
            int[] ids = ids(new Random(1), 40);
            int first = cache.acquireRow();
            assertThat(cache.reuse(first, ids, 39)).isZero();
            assertThat(cache.extend(first, 40)).isTrue();
            compute(cache, first, ids, 0, 40);
            cache.publish(first, ids, 40);
            int second = cache.acquireRow();
            assertThat(cache.reuse(second, ids, 39)).isEqualTo(32);
            assertThat(cache.freePages()).isEqualTo(5);
            assertHolds(cache, second, ids, 32);
            cache.release(first);
            assertThat(cache.freePages()).isEqualTo(6);
            assertThat(cache.idlePages()).isZero();
            cache.release(second);
            assertThat(cache.idlePages()).isEqualTo(2);
            assertThat(cache.availablePages()).isEqualTo(8);
        }
    }

    @Test
    void theLeastRecentlyUsedPrefixGoesFirst() {
        try (KvCache cache = new KvCache(CONFIG, KvType.F32, 4, 4, true, new FakeMemory())) {
            int[] one = ids(new Random(1), 32);
            int[] two = ids(new Random(2), 32);
            for (int[] ids : List.of(one, two, one)) {
                int row = cache.acquireRow();
                int held = cache.reuse(row, ids, 32);
                cache.extend(row, 32);
                compute(cache, row, ids, held, 32);
                cache.publish(row, ids, 32);
                cache.release(row);
            }
            int[] three = ids(new Random(3), 16);
            int row = cache.acquireRow();
            assertThat(cache.extend(row, 16)).isTrue();
            compute(cache, row, three, 0, 16);
            assertThat(cache.reusable(one, 32)).isEqualTo(32);
            assertThat(cache.reusable(two, 32)).isEqualTo(16);
        }
    }

    @Test
    void withoutPrefixesNothingIsKept() {
        try (KvCache cache = new KvCache(CONFIG, KvType.F32, 4, 4, false, new FakeMemory())) {
            int[] ids = ids(new Random(1), 32);
            int row = cache.acquireRow();
            cache.extend(row, 32);
            compute(cache, row, ids, 0, 32);
            cache.publish(row, ids, 32);
            cache.release(row);
            assertThat(cache.freePages()).isEqualTo(4);
            assertThat(cache.reusable(ids, 32)).isZero();
        }
    }

    @Test
    void aForkSharesWholePagesAndCopiesTheLast() {
        try (KvCache cache = new KvCache(CONFIG, KvType.F32, 8, 4, true, new FakeMemory())) {
            int[] ids = ids(new Random(1), 40);
            int first = cache.acquireRow();
            cache.extend(first, 40);
            compute(cache, first, ids, 0, 40);
            int second = cache.acquireRow();
            assertThat(cache.fork(first, second, 39)).isTrue();
            assertThat(cache.freePages()).isEqualTo(4);
            assertHolds(cache, second, ids, 39);
            int[] other = ids.clone();
            other[39] = 15 - ids[39];
            compute(cache, second, other, 39, 40);
            assertHolds(cache, second, other, 40);
            assertHolds(cache, first, ids, 40);
        }
    }

    /// Random use of rows over few ids, so that prompts share much: every position of every row holds what its own ids
    /// gave, and every page is held, idle or free.
    @Test
    void everyRowHoldsItsOwnKeysWhateverIsSharedEvictedOrForked() {
        long seed = Long.getLong("test.seed", 20261122);
        Random random = new Random(seed);
        int pages = 24;
        try (KvCache cache = new KvCache(CONFIG, KvType.F32, pages, 6, true, new FakeMemory())) {
            List<Held> held = new ArrayList<>();
            for (int round = 0; round < 20_000; round++) {
                int choice = random.nextInt(4);
                if (choice == 0 && cache.hasFreeRow()) {
                    int[] ids = ids(random, CONTEXT);
                    int row = cache.acquireRow();
                    held.add(new Held(row, ids, cache.reuse(row, ids, random.nextInt(CONTEXT))));
                } else if (choice == 1 && cache.hasFreeRow() && !held.isEmpty()) {
                    Held from = held.get(random.nextInt(held.size()));
                    int tokens = from.computed() == 0 ? 0 : random.nextInt(from.computed() + 1);
                    int row = cache.acquireRow();
                    int forked = cache.fork(from.row(), row, tokens) ? tokens : tokens / 16 * 16;
                    int[] ids = ids(random, CONTEXT);
                    System.arraycopy(from.ids(), 0, ids, 0, tokens);
                    held.add(new Held(row, ids, forked));
                } else if (choice == 2 && !held.isEmpty()) {
                    cache.release(held.remove(random.nextInt(held.size())).row());
                } else if (!held.isEmpty()) {
                    int index = random.nextInt(held.size());
                    Held grown = held.get(index);
                    int to = Math.min(CONTEXT, grown.computed() + random.nextInt(40));
                    if (cache.extend(grown.row(), to)) {
                        compute(cache, grown.row(), grown.ids(), grown.computed(), to);
                        cache.publish(grown.row(), grown.ids(), to);
                        held.set(index, new Held(grown.row(), grown.ids(), to));
                    }
                }
                Set<Integer> used = new HashSet<>();
                for (Held each : held) {
                    assertHolds(cache, each.row(), each.ids(), each.computed());
                    for (int p = 0; p < each.computed(); p += KvCache.PAGE_TOKENS) {
                        used.add(page(cache, each.row(), p));
                    }
                }
                assertThat(cache.availablePages() + used.size())
                        .as("seed " + seed + ", round " + round)
                        .isLessThanOrEqualTo(pages);
            }
            held.forEach(each -> cache.release(each.row()));
            assertThat(cache.availablePages()).as("seed " + seed).isEqualTo(pages);
        }
    }

    @Test
    void aPageGoesOutAndComesBack() {
        try (KvCache cache = new KvCache(CONFIG, KvType.F32, 4, 2, true, new FakeMemory());
                Arena arena = Arena.ofConfined()) {
            int[] ids = ids(new Random(1), 16);
            int row = cache.acquireRow();
            cache.extend(row, 16);
            compute(cache, row, ids, 0, 16);
            MemorySegment bytes = arena.allocate(KvCache.pageBytes(CONFIG, KvType.F32));
            cache.read(row, 0, bytes);
            int other = cache.acquireRow();
            cache.extend(other, 16);
            cache.write(other, 0, bytes);
            assertHolds(cache, other, ids, 16);
        }
    }

    private static int[] ids(Random random, int count) {
        return random.ints(count, 0, 2).map(bit -> bit * random.nextInt(2)).toArray();
    }

    /// Writes, for each position, a mark that depends on all ids up to it, as keys do.
    private static void compute(KvCache cache, int row, int[] ids, int from, int to) {
        for (int p = from; p < to; p++) {
            for (MemorySegment place : places(cache, row, p)) {
                place.set(ValueLayout.JAVA_INT, 0, mark(ids, p));
            }
        }
    }

    private static void assertHolds(KvCache cache, int row, int[] ids, int tokens) {
        for (int p = 0; p < tokens; p++) {
            for (MemorySegment place : places(cache, row, p)) {
                assertThat(place.get(ValueLayout.JAVA_INT, 0))
                        .as("row " + row + ", position " + p)
                        .isEqualTo(mark(ids, p));
            }
        }
    }

    private static int mark(int[] ids, int position) {
        int mark = 17;
        for (int i = 0; i <= position; i++) {
            mark = mark * 31 + ids[i];
        }
        return mark;
    }

    private static List<MemorySegment> places(KvCache cache, int row, int position) {
        List<MemorySegment> places = new ArrayList<>();
        for (int layer = 0; layer < CONFIG.layers(); layer++) {
            KvPages pages = cache.layer(layer);
            long offset = ((long) page(cache, row, position) * KvCache.PAGE_TOKENS + position % KvCache.PAGE_TOKENS)
                    * pages.type().rowBytes(pages.headDim());
            places.add(pages.keys().asSlice(offset, 4));
            places.add(pages.values().asSlice(offset, 4));
        }
        return places;
    }

    private static int page(KvCache cache, int row, int position) {
        KvPages pages = cache.layer(0);
        return pages.pageTable()
                .getAtIndex(
                        ValueLayout.JAVA_INT, (long) row * pages.pagesPerSequence() + position / KvCache.PAGE_TOKENS);
    }
}
