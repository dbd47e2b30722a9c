package dev.loci.grammar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// A table of bytes and states, made of a [Dfa]: its texts as UTF-8, or as JSON strings.
final class ByteDfa implements Lexeme {
    private final byte[] classes;
    private final int classCount;
    private final int[] table;
    private final BitSet accepting;
    private final BitSet goingOn;
    private final boolean wide;
    private final boolean shared;

    private ByteDfa(int[] rows, BitSet accepting, boolean shared) {
        int states = rows.length / 256;
        this.classes = new byte[256];
        this.classCount = classify(rows, classes);
        this.table = new int[states * classCount];
        this.goingOn = new BitSet();
        int open = 0;
        for (int s = 0; s < states; s++) {
            int alive = 0;
            for (int b = 0; b < 256; b++) {
                int to = rows[s * 256 + b];
                table[s * classCount + (classes[b] & 0xFF)] = to;
                alive += to >= 0 ? 1 : 0;
            }
            goingOn.set(s, alive > 0);
            open = Math.max(open, alive);
        }
        this.accepting = accepting;
        this.wide = open > 24;
        this.shared = shared;
    }

    /// Bytes that go to the same states everywhere are one class.
    /// @return how many there are
    private static int classify(int[] rows, byte[] classes) {
        long[] hashes = new long[256];
        for (int e = 0; e < rows.length; e++) {
            hashes[e & 0xFF] = (hashes[e & 0xFF] ^ rows[e]) * 0x9E3779B97F4A7C15L + 1;
        }
        Map<Long, Integer> first = new HashMap<>();
        int[] like = new int[256];
        for (int b = 0; b < 256; b++) {
            Integer known = first.putIfAbsent(hashes[b] ^ (hashes[b] >>> 32), b);
            like[b] = known == null ? b : known;
        }
        for (int e = 0; e < rows.length; e++) {
            int b = e & 0xFF;
            // hashes that are equal by chance: the byte stays alone
            like[b] = rows[e] == rows[e - b + like[b]] ? like[b] : b;
        }
        int count = 0;
        for (int b = 0; b < 256; b++) {
            classes[b] = like[b] == b ? (byte) count++ : classes[like[b]];
        }
        return count;
    }

    /// Texts as they are.
    static ByteDfa utf8(Dfa texts) {
        return new Utf8Builder(texts, false, "").build(false);
    }

    /// Texts as JSON strings, quotes included, each in its shortest form.
    static ByteDfa jsonString(Dfa texts) {
        return new Utf8Builder(texts, true, "").build(false);
    }

    /// Texts as keys of an object: a colon follows the string, and a blank may follow that.
    static ByteDfa jsonKey(Dfa texts) {
        return new Utf8Builder(texts, true, ":").build(false);
    }

    /// Exactly this text.
    static ByteDfa literal(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] rows = new int[(bytes.length + 1) * 256];
        Arrays.fill(rows, DEAD);
        for (int i = 0; i < bytes.length; i++) {
            rows[i * 256 + (bytes[i] & 0xFF)] = i + 1;
        }
        BitSet accepting = new BitSet();
        accepting.set(bytes.length);
        return new ByteDfa(rows, accepting, false);
    }

    static ByteDfa of(int[] rows, BitSet accepting, boolean shared) {
        return new ByteDfa(rows, accepting, shared);
    }

    /// The same for all grammars.
    static ByteDfa shared(String pattern) {
        return new Utf8Builder(Dfa.whole(pattern).minimal(), false, "").build(true);
    }

    /// Any key, written in one way.
    static ByteDfa sharedKey() {
        return new Utf8Builder(Dfa.all(), true, ":").build(true);
    }

    int states() {
        return table.length / classCount;
    }

    @Override
    public int next(int state, int value) {
        return table[state * classCount + (classes[value] & 0xFF)];
    }

    @Override
    public boolean accepts(int state) {
        return accepting.get(state);
    }

    @Override
    public boolean goesOn(int state) {
        return goingOn.get(state);
    }

    @Override
    public boolean wide() {
        return wide;
    }

    @Override
    public boolean shared() {
        return shared;
    }
}
