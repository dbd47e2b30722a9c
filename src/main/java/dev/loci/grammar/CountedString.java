package dev.loci.grammar;

/// A JSON string of so many characters, any of them. A state is the count so far and a state of
/// [JsonLexemes#STRING], so that no table grows with the counts.
/// @param max negative for no limit
record CountedString(int min, int max) implements Lexeme {
    private static final ByteDfa STRING = JsonLexemes.STRING;
    private static final int STATES = STRING.states();
    private static final int BODY = STRING.next(0, '"');

    static final int MAX_COUNT = Integer.MAX_VALUE / STATES - 1;

    /// Cannot be closed within any horizon.
    private static final CountedString OPEN_ENDED = new CountedString(MAX_COUNT, -1);

    @Override
    public int next(int state, int value) {
        int count = state / STATES;
        int inner = state % STATES;
        int to = STRING.next(inner, value);
        if (to < 0) {
            return DEAD;
        }
        if (inner == BODY) {
            boolean allowed = value == '"' ? count >= min : max < 0 || count < max;
            if (!allowed) {
                return DEAD;
            }
        }
        boolean whole = to == BODY && state != 0;
        // beyond the least count only the greatest matters
        int next = whole && (max >= 0 || count < min) ? count + 1 : count;
        return next * STATES + to;
    }

    @Override
    public boolean accepts(int state) {
        return STRING.accepts(state % STATES);
    }

    @Override
    public boolean goesOn(int state) {
        return STRING.goesOn(state % STATES);
    }

    @Override
    public boolean wide() {
        return true;
    }

    @Override
    public boolean shared() {
        return true;
    }

    @Override
    public LexemeTokens.Key like(int state, int horizon) {
        int count = state / STATES;
        int inner = state % STATES;
        boolean belowMax = max < 0 || (long) count + horizon < max;
        if (count >= min && belowMax) {
            return new LexemeTokens.Key(STRING, inner);
        }
        boolean belowMin = (long) count + horizon < min && belowMax;
        return belowMin ? new LexemeTokens.Key(OPEN_ENDED, inner) : new LexemeTokens.Key(this, state);
    }
}
