package dev.loci.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// The keys of an object as they are written, `"key":` and perhaps a blank, as a tree of bytes that
/// knows which keys lie beneath each node.
final class KeyTrie {
    private final List<TreeMap<Integer, Integer>> building = new ArrayList<>();
    private final byte[][] labels;
    private final int[][] children;
    private final int[][] keys;
    private final int[] ends;

    KeyTrie(List<String> names) {
        List<List<Integer>> beneath = new ArrayList<>();
        List<Integer> end = new ArrayList<>();
        node(beneath, end);
        for (int k = 0; k < names.size(); k++) {
            byte[] bytes = (JsonLexemes.quoted(names.get(k)) + ":").getBytes(StandardCharsets.UTF_8);
            int at = 0;
            beneath.getFirst().add(k);
            for (int i = 0; i <= bytes.length; i++) {
                int label = i < bytes.length ? bytes[i] & 0xFF : ' ';
                Integer next = building.get(at).get(label);
                if (next == null) {
                    next = building.size();
                    building.get(at).put(label, next);
                    node(beneath, end);
                }
                at = next;
                beneath.get(at).add(k);
                if (i >= bytes.length - 1) {
                    end.set(at, k);
                }
            }
        }
        int size = building.size();
        this.labels = new byte[size][];
        this.children = new int[size][];
        this.keys = new int[size][];
        this.ends = end.stream().mapToInt(Integer::intValue).toArray();
        for (int s = 0; s < size; s++) {
            TreeMap<Integer, Integer> edges = building.get(s);
            labels[s] = new byte[edges.size()];
            children[s] = edges.values().stream().mapToInt(Integer::intValue).toArray();
            int i = 0;
            for (int label : edges.keySet()) {
                labels[s][i++] = (byte) label;
            }
            keys[s] = beneath.get(s).stream().mapToInt(Integer::intValue).toArray();
        }
        building.clear();
    }

    private void node(List<List<Integer>> beneath, List<Integer> end) {
        building.add(new TreeMap<>());
        beneath.add(new ArrayList<>());
        end.add(-1);
    }

    private int child(int node, int value) {
        byte[] own = labels[node];
        for (int i = 0; i < own.length; i++) {
            if (own[i] == (byte) value) {
                return children[node][i];
            }
        }
        return Lexeme.DEAD;
    }

    /// Only the keys from one to another, both included.
    View between(int first, int last) {
        return new View(first, last, _ -> true);
    }

    /// All keys but these.
    Lexeme others() {
        return new Others();
    }

    /// A key that is none of the tree's: its state is a state of [JsonLexemes#ONE_WAY_KEY] and a node
    /// of the tree, 0 where the text has left it.
    private final class Others implements Lexeme {
        private static final ByteDfa KEY = JsonLexemes.ONE_WAY_KEY;
        private static final int STATES = KEY.states();
        private static final int BODY = KEY.next(0, '"');

        @Override
        public int next(int state, int value) {
            int inner = state % STATES;
            int to = KEY.next(inner, value);
            int node = state / STATES;
            boolean follows = node > 0 || state == 0;
            int child = follows && to >= 0 ? child(node, value) : DEAD;
            boolean closes = inner == BODY && value == '"';
            if (to < 0 || (closes && child >= 0)) {
                return DEAD;
            }
            return Math.max(child, 0) * STATES + to;
        }

        @Override
        public boolean accepts(int state) {
            return KEY.accepts(state % STATES);
        }

        @Override
        public boolean goesOn(int state) {
            return KEY.goesOn(state % STATES);
        }

        @Override
        public boolean wide() {
            return true;
        }

        @Override
        public LexemeTokens.Key like(int state, int horizon) {
            return state > 0 && state < STATES ? new LexemeTokens.Key(KEY, state) : new LexemeTokens.Key(this, state);
        }
    }

    /// Some of the keys.
    final class View implements Lexeme {
        private final int first;
        private final int last;
        private final IntPredicate allowed;

        private View(int first, int last, IntPredicate allowed) {
            this.first = first;
            this.last = last;
            this.allowed = allowed;
        }

        /// A view of those keys alone of which a test holds.
        View only(IntPredicate test) {
            BitSet kept = new BitSet();
            for (int key = first; key <= last; key++) {
                kept.set(key, allowed.test(key) && test.test(key));
            }
            return kept.cardinality() == last - first + 1 ? this : new View(first, last, kept::get);
        }

        boolean anyKey(IntPredicate test) {
            return IntStream.rangeClosed(first, last).anyMatch(key -> allowed.test(key) && test.test(key));
        }

        @Override
        public int next(int state, int value) {
            int to = child(state, value);
            return to >= 0 && reaches(to) ? to : DEAD;
        }

        private boolean reaches(int node) {
            int[] beneath = keys[node];
            int at = Arrays.binarySearch(beneath, first);
            at = at >= 0 ? at : -at - 1;
            while (at < beneath.length && beneath[at] <= last) {
                if (allowed.test(beneath[at++])) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public boolean accepts(int state) {
            return ends[state] >= 0;
        }

        @Override
        public boolean goesOn(int state) {
            return labels[state].length > 0;
        }

        @Override
        public int target(int state) {
            return ends[state];
        }
    }
}
