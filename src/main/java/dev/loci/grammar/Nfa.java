package dev.loci.grammar;

import java.util.Arrays;

/// A nondeterministic automaton over code points, while it is built from a [Regex].
///
/// Edges without a character may hold only at the start of the text, or only at its end.
final class Nfa {
    static final int ALWAYS = 0;
    static final int AT_BEGIN = 1;
    static final int AT_END = 2;
    private static final int MAX_STATES = 1 << 16;

    /// Edge e of a state: `kind, to` without a character, or `first, last, to`.
    private int[][] free = new int[64][];
    private int[][] moves = new int[64][];
    private int size;

    int state() {
        if (size == MAX_STATES) {
            throw GrammarException.of("", "", "an expression of at most " + MAX_STATES + " states", "more");
        }
        if (size == free.length) {
            free = Arrays.copyOf(free, 2 * size);
            moves = Arrays.copyOf(moves, 2 * size);
        }
        free[size] = new int[0];
        moves[size] = new int[0];
        return size++;
    }

    void free(int from, int to, int kind) {
        free[from] = append(free[from], kind, to);
    }

    void move(int from, int to, int first, int last) {
        moves[from] = append(moves[from], first, last, to);
    }

    private static int[] append(int[] array, int... more) {
        int[] longer = Arrays.copyOf(array, array.length + more.length);
        System.arraycopy(more, 0, longer, array.length, more.length);
        return longer;
    }

    int size() {
        return size;
    }

    int[] free(int state) {
        return free[state];
    }

    int[] moves(int state) {
        return moves[state];
    }

    /// Adds an expression that begins at a state; returns the state that it ends at.
    int add(Regex regex, int from) {
        return switch (regex) {
            case Regex.One one -> {
                int to = state();
                int[] bounds = one.ranges().bounds();
                for (int i = 0; i < bounds.length; i += 2) {
                    move(from, to, bounds[i], bounds[i + 1]);
                }
                yield to;
            }
            case Regex.Cat cat -> {
                int end = from;
                for (Regex part : cat.parts()) {
                    end = add(part, end);
                }
                yield end;
            }
            case Regex.Alt alt -> {
                int to = state();
                for (Regex option : alt.options()) {
                    int start = state();
                    free(from, start, ALWAYS);
                    free(add(option, start), to, ALWAYS);
                }
                yield to;
            }
            case Regex.Repeat repeat -> repeat(repeat, from);
            case Regex.Begin() -> anchor(from, AT_BEGIN);
            case Regex.End() -> anchor(from, AT_END);
        };
    }

    private int anchor(int from, int kind) {
        int to = state();
        free(from, to, kind);
        return to;
    }

    private int repeat(Regex.Repeat repeat, int from) {
        int end = from;
        for (int i = 0; i < repeat.min(); i++) {
            end = add(repeat.part(), end);
        }
        if (repeat.max() < 0) {
            int loop = state();
            free(end, loop, ALWAYS);
            free(add(repeat.part(), loop), loop, ALWAYS);
            return loop;
        }
        int to = state();
        free(end, to, ALWAYS);
        for (int i = repeat.min(); i < repeat.max(); i++) {
            int start = state();
            free(end, start, ALWAYS);
            end = add(repeat.part(), start);
            free(end, to, ALWAYS);
        }
        return to;
    }
}
