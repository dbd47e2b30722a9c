package dev.loci.grammar;

import dev.loci.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// The tokens that masks are about. Thread-safe; made once for a model.
public final class Vocabulary {
    /// Of which one is for lexemes that all grammars share.
    private static final int HEAP_SHARES = 64;

    private final TokenTrie trie;
    private final byte[][] bytes;
    private final int[] ends;
    private final RecentlyUsed<LexemeTokens.Key, LexemeTokens> lexemes =
            new RecentlyUsed<>(Runtime.getRuntime().maxMemory() / HEAP_SHARES, (_, tokens) -> tokens.bytes());

    private Vocabulary(byte[][] bytes, int[] ends) {
        this.bytes = bytes;
        this.trie = TokenTrie.of(List.of(bytes));
        this.ends = ends.clone();
    }

    /// @param size ids that the model scores
    /// @param ends ids that end an answer; allowed where a text may end
    public static Vocabulary of(Tokenizer tokenizer, int size, int... ends) {
        List<byte[]> bytes = new ArrayList<>(size);
        for (int id = 0; id < size; id++) {
            bytes.add(tokenizer.isSpecial(id) ? new byte[0] : tokenizer.bytes(id));
        }
        for (int end : ends) {
            if (end >= 0 && end < size) {
                bytes.set(end, new byte[0]);
            }
        }
        return new Vocabulary(bytes.toArray(byte[][]::new), ends);
    }

    public int size() {
        return bytes.length;
    }

    /// Bytes that a token adds to the text; none for special tokens and those that end an answer.
    byte[] bytes(int id) {
        return id < 0 || id >= bytes.length ? new byte[0] : bytes[id];
    }

    TokenTrie trie() {
        return trie;
    }

    int[] ends() {
        return ends;
    }

    boolean isEnd(int id) {
        for (int end : ends) {
            if (end == id) {
                return true;
            }
        }
        return false;
    }

    /// What is known of the lexemes that all grammars share.
    RecentlyUsed<LexemeTokens.Key, LexemeTokens> lexemes() {
        return lexemes;
    }
}
