package dev.loci.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns an automaton over code points into one over bytes.
///
/// Inside a character a state is what has been read of it. Where all characters that it can still
/// become lead to the same state, that state and the number of bytes to come are enough: so few
/// states are added.
final class Utf8Builder {
    private static final int MAX_STATES = 100_000;
    private static final int OPEN = 0;
    private static final int BODY = 1;
    private static final int PARTIAL = 2;
    private static final int UNIFORM = 3;
    private static final int ESCAPE = 4;
    private static final int UNICODE = 5;
    private static final int TAIL = 6;
    private static final int MIXED = -2;

    private final Dfa texts;
    private final boolean json;
    private final String tail;
    private final Map<Key, Integer> numbers = new HashMap<>();
    private final List<Key> keys = new ArrayList<>();

    /// @param tail after a JSON string; one that is not empty may have a blank after it
    Utf8Builder(Dfa texts, boolean json, String tail) {
        this.texts = texts;
        this.json = json;
        this.tail = tail;
    }

    private record Key(int kind, int state, int left, int value) {}

    ByteDfa build(boolean shared) {
        number(json ? new Key(OPEN, 0, 0, 0) : new Key(BODY, 0, 0, 0));
        int[] rows = new int[256 * 64];
        BitSet accepting = new BitSet();
        for (int s = 0; s < keys.size(); s++) {
            CompileLimit.check("");
            if ((s + 1) * 256 > rows.length) {
                rows = Arrays.copyOf(rows, 2 * rows.length);
            }
            Arrays.fill(rows, s * 256, (s + 1) * 256, Lexeme.DEAD);
            fill(rows, s * 256, keys.get(s));
            accepting.set(s, accepts(keys.get(s)));
            if (keys.size() > MAX_STATES) {
                throw Dfa.tooLarge();
            }
        }
        rows = Arrays.copyOf(rows, keys.size() * 256);
        BitSet live = Dfa.live(rows, 256, accepting);
        for (int e = 0; e < rows.length; e++) {
            if (rows[e] >= 0 && !live.get(rows[e])) {
                rows[e] = Lexeme.DEAD;
            }
        }
        return ByteDfa.of(rows, accepting, shared);
    }

    private boolean accepts(Key key) {
        return json ? key.kind == TAIL && key.state >= tail.length() : key.kind == BODY && texts.accepts(key.state);
    }

    private void fill(int[] rows, int at, Key key) {
        switch (key.kind) {
            case OPEN -> rows[at + '"'] = number(new Key(BODY, 0, 0, 0));
            case BODY -> body(rows, at, key.state);
            case PARTIAL -> {
                for (int b = 0x80; b < 0xC0; b++) {
                    rows[at + b] = inside(key.state, (key.left & 3) - 1, key.left >> 2, (key.value << 6) | (b & 0x3F));
                }
            }
            case UNIFORM -> {
                Key next =
                        key.left == 1 ? new Key(BODY, key.state, 0, 0) : new Key(UNIFORM, key.state, key.left - 1, 0);
                Arrays.fill(rows, at + 0x80, at + 0xC0, number(next));
            }
            case ESCAPE -> escape(rows, at, key.state);
            case UNICODE -> unicode(rows, at, key);
            case TAIL -> {
                if (key.state < tail.length()) {
                    rows[at + tail.charAt(key.state)] = number(new Key(TAIL, key.state + 1, 0, 0));
                } else if (key.state == tail.length() && !tail.isEmpty()) {
                    rows[at + ' '] = number(new Key(TAIL, key.state + 1, 0, 0));
                }
            }
            default -> throw new IllegalStateException("kind " + key.kind);
        }
    }

    private void body(int[] rows, int at, int state) {
        for (int b = json ? 0x20 : 0; b < 0x80; b++) {
            rows[at + b] = after(texts.next(state, b));
        }
        if (json) {
            rows[at + '\\'] = escapes(state) ? number(new Key(ESCAPE, state, 0, 0)) : Lexeme.DEAD;
            rows[at + '"'] = texts.accepts(state) ? number(new Key(TAIL, 0, 0, 0)) : Lexeme.DEAD;
        }
        for (int b = 0xC2; b < 0xF5; b++) {
            int left = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
            rows[at + b] = inside(state, left, left, b & (0x3F >> left));
        }
    }

    private int after(int state) {
        return state < 0 ? Lexeme.DEAD : number(new Key(BODY, state, 0, 0));
    }

    /// The state where `left` bytes of a character are to come.
    /// @param following bytes after the character's first
    /// @param value what is known of it
    private int inside(int state, int left, int following, int value) {
        if (left == 0) {
            return value >= 0xD800 && value < 0xE000 ? Lexeme.DEAD : after(texts.next(state, value));
        }
        int from = value << (6 * left);
        int to = from | ((1 << (6 * left)) - 1);
        // what is not the shortest form of a character is none
        int least = following == 1 ? 0x80 : following == 2 ? 0x800 : 0x10000;
        boolean whole = from >= least && to <= Ranges.MAX && (to < 0xD800 || from >= 0xE000);
        int low = Math.max(from, least);
        int high = Math.min(to, Ranges.MAX);
        if (low > high || (low >= 0xD800 && high < 0xE000)) {
            return Lexeme.DEAD;
        }
        int target = target(state, low, high);
        if (target == Lexeme.DEAD) {
            return Lexeme.DEAD;
        }
        return target != MIXED && whole
                ? number(new Key(UNIFORM, target, left, 0))
                : number(new Key(PARTIAL, state, (following << 2) | left, value));
    }

    /// The state that all these code points lead to.
    private int target(int state, int low, int high) {
        int[] starts = texts.starts();
        int c = Dfa.classOf(starts, low);
        int target = texts.step(state, c);
        for (c++; c < starts.length && starts[c] <= high; c++) {
            if (texts.step(state, c) != target) {
                return MIXED;
            }
        }
        return target;
    }

    /// Whether a character may follow that is written with a backslash.
    private boolean escapes(int state) {
        return controls(state) || texts.next(state, '"') >= 0 || texts.next(state, '\\') >= 0;
    }

    private boolean controls(int state) {
        return target(state, 0, 0x1F) != Lexeme.DEAD;
    }

    private void escape(int[] rows, int at, int state) {
        rows[at + '"'] = after(texts.next(state, '"'));
        rows[at + '\\'] = after(texts.next(state, '\\'));
        rows[at + 'b'] = after(texts.next(state, '\b'));
        rows[at + 'f'] = after(texts.next(state, '\f'));
        rows[at + 'n'] = after(texts.next(state, '\n'));
        rows[at + 'r'] = after(texts.next(state, '\r'));
        rows[at + 't'] = after(texts.next(state, '\t'));
        rows[at + 'u'] = controls(state) ? number(new Key(UNICODE, state, 4, 0)) : Lexeme.DEAD;
    }

    /// Control characters only: all others have a shorter form.
    private void unicode(int[] rows, int at, Key key) {
        for (int digit = 0; digit < 16; digit++) {
            int value = (key.value << 4) | digit;
            boolean fits = key.left > 2 ? digit == 0 : key.left == 2 ? digit < 2 : true;
            int to = !fits
                    ? Lexeme.DEAD
                    : key.left > 1 ? number(new Key(UNICODE, key.state, key.left - 1, value)) : control(key, value);
            String hex = Integer.toHexString(digit);
            rows[at + hex.charAt(0)] = to;
            if (tail.isEmpty()) {
                // a key is written in one way only, or other keys could not be told from it
                rows[at + Character.toUpperCase(hex.charAt(0))] = to;
            }
        }
    }

    private int control(Key key, int value) {
        boolean named = value == '\b' || value == '\f' || value == '\n' || value == '\r' || value == '\t';
        return named ? Lexeme.DEAD : after(texts.next(key.state, value));
    }

    private int number(Key key) {
        Integer known = numbers.putIfAbsent(key, keys.size());
        if (known == null) {
            keys.add(key);
            return keys.size() - 1;
        }
        return known;
    }
}
