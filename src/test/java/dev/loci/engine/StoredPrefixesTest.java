package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationRequest.Client;
import dev.loci.tokenizer.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class StoredPrefixesTest {
    private static final Tokenizer TOKENIZER = Tokenizer.open(Path.of("src/test/resources/tokenizer/bytes.json"));
    private static final int PAGE_BYTES = 64;
    private static final int LIMIT = 3 * KvCache.PAGE_TOKENS;

    private final BlockingQueue<Sequence> back = new LinkedBlockingQueue<>();
    private final AtomicInteger reads = new AtomicInteger();

    /// Has every page.
    private final PrefixStore full = new PrefixStore() {
        @Override
        public boolean read(byte[] id, MemorySegment page) {
            reads.incrementAndGet();
            return true;
        }

        @Override
        public void write(byte[] id, MemorySegment page) {}

        @Override
        public void close() {}
    };

    @Test
    void pagesThatWaitForTheirSequencesAreBounded() throws InterruptedException {
        try (StoredPrefixes prefixes = new StoredPrefixes(full, "test", PAGE_BYTES, 5 * PAGE_BYTES)) {
            Sequence first = load(prefixes, sequence(1));
            Sequence second = load(prefixes, sequence(2));
            assertThat(pages(first)).isEqualTo(3);
            assertThat(pages(second)).isEqualTo(2);
            assertThat(prefixes.save(first.request().prompt(), 0, page -> {})).isFalse();
            first.start(0, 0);
            second.fail(GenerationEvent.Cause.STOPPING, "over");
            assertThat(pages(load(prefixes, sequence(3)))).isEqualTo(3);
        }
    }

    @Test
    void cancelledSequencesComeBackWithoutAnyPage() throws InterruptedException {
        try (StoredPrefixes prefixes = new StoredPrefixes(full, "test", PAGE_BYTES, 5 * PAGE_BYTES)) {
            Sequence sequence = sequence(1);
            sequence.cancel();
            assertThat(pages(load(prefixes, sequence))).isZero();
            assertThat(reads).hasValue(0);
        }
    }

    /// No array is as long as these pages.
    @Test
    void pagesForWhichThereIsNoMemoryAreLeftOut() throws InterruptedException {
        try (StoredPrefixes prefixes = new StoredPrefixes(full, "test", Integer.MAX_VALUE, 0)) {
            Sequence sequence = load(prefixes, sequence(1));
            assertThat(pages(sequence)).isZero();
            assertThat(prefixes.save(sequence.request().prompt(), 0, page -> {}))
                    .isFalse();
        }
    }

    @Test
    void aSequenceComesBackWhenThereIsMemoryForIt() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        try (StoredPrefixes prefixes = new StoredPrefixes(full, "test", PAGE_BYTES, 0)) {
            prefixes.load(sequence(1), 0, LIMIT, each -> {
                if (tries.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("expected: thrown by the test");
                }
                back.add(each);
            });
            assertThat(pages(back.poll(60, TimeUnit.SECONDS))).isEqualTo(3);
        }
    }

    private Sequence load(StoredPrefixes prefixes, Sequence sequence) throws InterruptedException {
        assertThat(prefixes.load(sequence, 0, LIMIT, back::add)).isTrue();
        assertThat(back.poll(60, TimeUnit.SECONDS)).isSameAs(sequence);
        return sequence;
    }

    private static int pages(Sequence sequence) {
        int pages = 0;
        while (sequence.broughtPage(pages * KvCache.PAGE_TOKENS).isPresent()) {
            pages++;
        }
        return pages;
    }

    private static Sequence sequence(int seed) {
        int[] prompt = new Random(seed).ints(LIMIT + 1, 2, 258).toArray();
        GenerationRequest request = RunningEngine.greedy(prompt, 1, new Client("k", 0, Optional.empty()));
        return new Sequence(
                request, event -> {}, () -> {}, seed, Set.of(), TOKENIZER.streamingDecoder(), () -> {}, Runnable::run);
    }
}
