package dev.loci.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// How far a text has come in a grammar. Immutable; states that allow the same are equal.
public final class GrammarState {
    private final Program program;
    private final List<Place> places;
    private final boolean complete;
    private final int hash;

    /// A place inside a lexeme.
    record Place(int node, int state, Frame frame) {}

    private GrammarState(Program program, List<Place> places, boolean complete) {
        this.program = program;
        this.places = places;
        this.complete = complete;
        this.hash = places.hashCode() * 31 + Boolean.hashCode(complete);
    }

    static GrammarState first(Program program) {
        Collector collector = new Collector(program);
        collector.enter(program.start(0), Frame.BOTTOM);
        return collector.state();
    }

    /// Whether the text may end here.
    public boolean complete() {
        return complete;
    }

    /// Whether nothing may follow.
    public boolean ended() {
        return places.isEmpty();
    }

    /// Whether the text so far is the beginning of one that the grammar has.
    public boolean alive() {
        return complete || !places.isEmpty();
    }

    List<Place> places() {
        return places;
    }

    Program program() {
        return program;
    }

    /// The state after one more byte.
    GrammarState after(int value) {
        Collector collector = new Collector(program);
        for (Place place : places) {
            Lexeme lexeme = program.lexeme(place.node);
            int to = lexeme.next(place.state, value);
            if (to >= 0) {
                if (lexeme.goesOn(to)) {
                    collector.add(new Place(place.node, to, place.frame));
                }
                if (lexeme.accepts(to)) {
                    collector.enter(program.way(place.node, lexeme.target(to)), place.frame);
                }
            }
        }
        return collector.state();
    }

    /// The state after these bytes; no longer [#alive] where they are not allowed.
    public GrammarState after(byte[] bytes) {
        GrammarState state = this;
        for (int i = 0; i < bytes.length && state.alive(); i++) {
            state = state.after(bytes[i] & 0xFF);
        }
        return state;
    }

    /// The bytes that may come next.
    public BitSet bytes() {
        BitSet allowed = new BitSet();
        for (Place place : places) {
            for (int b = 0; b < 256; b++) {
                if (program.lexeme(place.node).next(place.state, b) >= 0) {
                    allowed.set(b);
                }
            }
        }
        return allowed;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GrammarState state
                && hash == state.hash
                && program == state.program
                && complete == state.complete
                && places.equals(state.places);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// Gathers places, each once.
    static final class Collector {
        /// Ways in which a text can be read so far. A grammar that reads each bracket in two ways doubles them with
        /// each; what comes beyond is left out, so that less may follow, all of it valid.
        static final int MAX_PLACES = 4096;

        private static final int FEW = 16;

        private final Program program;
        private final List<Place> places = new ArrayList<>(4);
        private Set<Place> known = Set.of();
        private boolean complete;

        Collector(Program program) {
            this.program = program;
        }

        void add(Place place) {
            if (places.size() < FEW) {
                if (!places.contains(place)) {
                    places.add(place);
                }
                return;
            }
            if (known.isEmpty()) {
                known = new HashSet<>(places);
            }
            if (places.size() < MAX_PLACES && known.add(place)) {
                places.add(place);
            }
        }

        /// Goes on to the lexemes that a node leads to.
        void enter(int node, Frame frame) {
            switch (program.kind(node)) {
                case Program.LEXEME -> add(new Place(node, 0, frame));
                case Program.CALL -> {
                    int after = program.next(node)[0];
                    boolean last = program.kind(after) == Program.RETURN;
                    enter(program.start(program.rule(node)), last ? frame : new Frame(after, frame));
                }
                case Program.LAZY -> enter(program.made(node), frame);
                case Program.CHOICE -> {
                    for (int option : program.next(node)) {
                        enter(option, frame);
                    }
                }
                default -> {
                    if (frame.isBottom()) {
                        complete = true;
                    } else {
                        enter(frame.node(), frame.below());
                    }
                }
            }
        }

        List<Place> places() {
            return places;
        }

        GrammarState state() {
            return new GrammarState(program, List.copyOf(places), complete);
        }
    }
}
