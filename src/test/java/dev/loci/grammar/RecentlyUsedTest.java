package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class RecentlyUsedTest {
    /// Each value says its bytes.
    private static RecentlyUsed<Integer, Integer> upTo(long bytes) {
        return new RecentlyUsed<>(bytes, (_, value) -> value);
    }

    @Test
    void keepsWhatFits() {
        RecentlyUsed<Integer, Integer> map = upTo(20);
        for (int i = 0; i < 10; i++) {
            map.put(i, 1);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(map.find(i)).contains(1);
        }
        assertThat(map.find(10)).isEmpty();
    }

    @Test
    void keepsNoMoreThanItsBytes() {
        RecentlyUsed<Integer, Integer> map = upTo(100);
        for (int i = 0; i < 1000; i++) {
            map.put(i, 10);
            assertThat(map.size()).isLessThanOrEqualTo(11);
        }
        assertThat(map.find(999)).contains(10);
        assertThat(map.find(900)).isEmpty();
    }

    @Test
    void keepsWhatIsUsed() {
        RecentlyUsed<Integer, Integer> map = upTo(100);
        map.put(-1, 10);
        for (int i = 0; i < 1000; i++) {
            map.put(i, 10);
            assertThat(map.find(-1)).contains(10);
        }
    }

    @Test
    void whatIsLargerThanAllIsLetGoByTheNext() {
        RecentlyUsed<Integer, Integer> map = upTo(100);
        map.put(1, 1000);
        assertThat(map.find(1)).contains(1000);
        map.put(2, 1000);
        map.put(3, 1000);
        assertThat(map.find(1)).isEmpty();
    }

    @Test
    void masksOfAGrammarAreBoundedByBytes() {
        long maskBytes = Vocabularies.SMALL.size() / 8;
        TokenGrammar grammar =
                new TokenGrammar(Grammar.regex("[ab]{200}"), Vocabularies.SMALL, 20 * (maskBytes + 2 * 64));
        GrammarState state = grammar.first();
        for (int i = 0; i < 200; i++) {
            assertThat(grammar.mask(state).isEmpty()).isFalse();
            assertThat(grammar.known(state)).isPresent();
            assertThat(grammar.rememberedMasks()).isLessThanOrEqualTo(22);
            state = state.after("a".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(grammar.known(grammar.first())).isEmpty();
        assertThat(grammar.rememberedMasks()).isGreaterThan(5);
    }
}
