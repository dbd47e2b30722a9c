package dev.loci.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Optional;
import java.util.Random;

/// Texts that a grammar allows, byte by byte at random.
final class RandomTexts {
    /// After so many bytes a text is led to its end.
    private static final int LONG = 200;

    private RandomTexts() {}

    /// @return empty where chance does not find an end
    static Optional<String> of(Grammar grammar, Random random) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        GrammarState state = grammar.first();
        while (true) {
            BitSet allowed = state.bytes();
            boolean mayEnd = state.complete();
            if (allowed.isEmpty() && !mayEnd) {
                throw new AssertionError("nothing may follow " + text.toString(StandardCharsets.UTF_8));
            }
            if (mayEnd && (allowed.isEmpty() || random.nextInt(4) == 0 || text.size() > LONG)) {
                return Optional.of(text.toString(StandardCharsets.UTF_8));
            }
            int next = text.size() > LONG ? closing(allowed, random) : any(allowed, random);
            text.write(next);
            state = state.after(new byte[] {(byte) next});
            if (text.size() > 2000) {
                return Optional.empty();
            }
        }
    }

    private static int any(BitSet allowed, Random random) {
        BitSet ascii = allowed.get(0, 0x80);
        BitSet from = !ascii.isEmpty() && random.nextInt(8) > 0 ? ascii : allowed;
        return nth(from, random.nextInt(from.cardinality()));
    }

    /// Quotes and brackets that close rather than anything else.
    private static int closing(BitSet allowed, Random random) {
        boolean inString = allowed.get('}') && allowed.get(']');
        for (char c : (inString ? "\"" : "}]\":,").toCharArray()) {
            if (allowed.get(c)) {
                return c;
            }
        }
        return any(allowed, random);
    }

    private static int nth(BitSet set, int n) {
        int at = set.nextSetBit(0);
        for (int i = 0; i < n; i++) {
            at = set.nextSetBit(at + 1);
        }
        return at;
    }
}
