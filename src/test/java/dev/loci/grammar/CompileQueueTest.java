package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CompileQueueTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    @AfterEach
    void end() {
        go.countDown();
        threads.close();
    }

    /// The vocabulary is asked for by the first grammar, as part of being compiled.
    private Vocabulary held() {
        begun.countDown();
        await(go);
        return Vocabularies.SMALL;
    }

    private Grammars grammars(int waiting, Duration wait) {
        return new Grammars(this::held, new CompileLimits(1, waiting, wait, LONG));
    }

    private static void assertBusy(Grammars grammars, String why) {
        assertThatThrownBy(() -> grammars.regex("b"))
                .isInstanceOfSatisfying(
                        GrammarException.class, e -> assertThat(e.busy()).isTrue())
                .hasMessage("grammars that are being compiled: expected " + why);
    }

    @Test
    void aGrammarWaitsForAnotherThatIsCompiled() throws Exception {
        Grammars grammars = grammars(1, LONG);
        Future<TokenGrammar> first = threads.submit(() -> grammars.regex("a"));
        begun.await();
        Future<TokenGrammar> second = threads.submit(() -> grammars.regex("b"));
        go.countDown();
        assertThat(first.get().first().alive()).isTrue();
        assertThat(second.get().first().alive()).isTrue();
    }

    @Test
    void isRefusedWhereTooManyWait() throws Exception {
        Grammars grammars = grammars(0, LONG);
        Future<TokenGrammar> first = threads.submit(() -> grammars.regex("a"));
        begun.await();
        assertBusy(grammars, "at most 0 that wait, found more");
        go.countDown();
        first.get();
        assertThat(grammars.regex("b").first().alive()).isTrue();
    }

    @Test
    void isRefusedWhereItsTurnDoesNotCome() throws Exception {
        Grammars grammars = grammars(1, Duration.ofMillis(1));
        Future<TokenGrammar> first = threads.submit(() -> grammars.regex("a"));
        begun.await();
        assertBusy(grammars, "a turn within 1 ms, found none");
        go.countDown();
        first.get();
        assertThat(grammars.regex("b").first().alive()).isTrue();
    }

    @Test
    void whatIsRememberedWaitsForNobody() throws Exception {
        go.countDown();
        Grammars grammars = grammars(0, LONG);
        TokenGrammar known = grammars.regex("a");
        CountDownLatch compiling = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Future<Integer> other = threads.submit(() -> grammars.queue().compile(() -> {
            compiling.countDown();
            await(end);
            return 1;
        }));
        compiling.await();
        assertThat(grammars.regex("a")).isSameAs(known);
        assertBusy(grammars, "at most 0 that wait, found more");
        end.countDown();
        other.get();
    }

    @Test
    void noMoreAreCompiledAtOnceThanMayBe() throws Exception {
        CompileQueue queue = new CompileQueue(new CompileLimits(2, 100, LONG, LONG));
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(threads.submit(() -> queue.compile(() -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Grammar _ = Grammar.regex("(a|b)*a(a|b){6}");
                return now.decrementAndGet();
            })));
        }
        for (Future<Integer> each : all) {
            each.get();
        }
        assertThat(most.get()).isBetween(1, 2);
        assertThat(queue.inside()).isZero();
    }

    @Test
    void oneGrammarForManyIsCompiledOnce() throws Exception {
        Grammars grammars = grammars(10, LONG);
        List<Future<TokenGrammar>> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(threads.submit(() -> grammars.regex("a")));
        }
        begun.await();
        go.countDown();
        for (Future<TokenGrammar> each : all) {
            assertThat(each.get()).isSameAs(all.getFirst().get());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
