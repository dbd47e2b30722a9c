package dev.loci.grammar;

import java.util.Arrays;

/// Texts of at most so many bytes. A state is the count so far and a state of the texts' automaton, so that no table
/// grows
/// with the limit; a byte after which no text could end in time is not allowed.
final class LimitedText implements Lexeme {
    private final ByteDfa texts;
    private final int maxBytes;
    private final int states;
    /// Bytes from each state to the end of the shortest text.
    private final int[] toEnd;
    private final int longestToEnd;

    LimitedText(ByteDfa texts, int maxBytes) {
        this.texts = texts;
        this.maxBytes = maxBytes;
        this.states = texts.states();
        this.toEnd = toEnd(texts);
        this.longestToEnd = Arrays.stream(toEnd).max().orElse(0);
    }

    private static int[] toEnd(ByteDfa texts) {
        int[] distances = new int[texts.states()];
        for (int s = 0; s < distances.length; s++) {
            distances[s] = texts.accepts(s) ? 0 : Integer.MAX_VALUE / 2;
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int s = 0; s < distances.length; s++) {
                for (int b = 0; b < 256; b++) {
                    int to = texts.next(s, b);
                    if (to >= 0 && distances[to] + 1 < distances[s]) {
                        distances[s] = distances[to] + 1;
                        changed = true;
                    }
                }
            }
        }
        return distances;
    }

    @Override
    public int next(int state, int value) {
        int to = texts.next(state % states, value);
        int count = state / states + 1;
        return to < 0 || count + toEnd[to] > maxBytes ? DEAD : count * states + to;
    }

    @Override
    public boolean accepts(int state) {
        return texts.accepts(state % states);
    }

    @Override
    public boolean goesOn(int state) {
        return texts.goesOn(state % states);
    }

    @Override
    public boolean wide() {
        return texts.wide();
    }

    @Override
    public LexemeTokens.Key like(int state, int horizon) {
        boolean near = state / states + horizon + longestToEnd > maxBytes;
        return near ? new LexemeTokens.Key(this, state) : new LexemeTokens.Key(texts, state % states);
    }
}
