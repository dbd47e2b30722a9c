package dev.loci.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A deterministic automaton over code points: a set of texts. State 0 is the first; from each state
/// some text leads to an accepting one, unless the set is empty. Immutable.
final class Dfa {
    static final int DEAD = -1;
    static final int MAX_STATES = 40_000;
    static final int MAX_ENTRIES = 1_200_000;

    /// Where classes of code points begin; the first at 0.
    private final int[] starts;
    /// State and class to state.
    private final int[] table;
    private final BitSet accepting;

    private Dfa(int[] starts, int[] table, BitSet accepting) {
        this.starts = starts;
        this.table = table;
        this.accepting = accepting;
    }

    static GrammarException tooLarge() {
        return GrammarException.of(
                "", "", "a set of texts that at most " + MAX_STATES + " states tell from all others", "more");
    }

    /// Texts that an expression matches as a whole.
    static Dfa whole(Regex regex) {
        Nfa nfa = new Nfa();
        int first = nfa.state();
        return Determinizer.run(nfa, first, nfa.add(regex, first));
    }

    /// Texts of which an expression matches some part.
    static Dfa search(Regex regex) {
        Regex any = new Regex.Repeat(new Regex.One(Ranges.ALL), 0, -1);
        return whole(new Regex.Cat(List.of(any, regex, any)));
    }

    static Dfa whole(String pattern) {
        return whole(RegexParser.parse(pattern));
    }

    /// Exactly these texts.
    static Dfa texts(Collection<String> texts) {
        List<TreeMap<Integer, Integer>> nodes = new ArrayList<>(List.of(new TreeMap<>()));
        BitSet ends = new BitSet();
        BitSet points = new BitSet();
        for (String text : texts) {
            int node = 0;
            for (int c : text.codePoints().toArray()) {
                points.set(c);
                points.set(c + 1);
                Integer next = nodes.get(node).get(c);
                if (next == null) {
                    next = nodes.size();
                    nodes.get(node).put(c, next);
                    nodes.add(new TreeMap<>());
                }
                node = next;
            }
            ends.set(node);
        }
        points.set(0);
        points.clear(Ranges.MAX + 1);
        int[] starts = points.stream().toArray();
        if (nodes.size() > MAX_STATES || (long) nodes.size() * starts.length > MAX_ENTRIES) {
            throw tooLarge();
        }
        int[] table = new int[nodes.size() * starts.length];
        Arrays.fill(table, DEAD);
        for (int s = 0; s < nodes.size(); s++) {
            for (Map.Entry<Integer, Integer> edge : nodes.get(s).entrySet()) {
                table[s * starts.length + classOf(starts, edge.getKey())] = edge.getValue();
            }
        }
        return trimmed(starts, table, ends);
    }

    /// Keeps the states from which an accepting one can be reached.
    static Dfa trimmed(int[] starts, int[] table, BitSet accepting) {
        int classes = starts.length;
        int states = table.length / classes;
        BitSet live = live(table, classes, accepting);
        if (!live.get(0)) {
            int[] dead = new int[classes];
            Arrays.fill(dead, DEAD);
            return new Dfa(starts, dead, new BitSet());
        }
        if (live.cardinality() == states) {
            return new Dfa(starts, table, accepting);
        }
        int[] number = new int[states];
        int count = 0;
        for (int s = 0; s < states; s++) {
            number[s] = live.get(s) ? count++ : DEAD;
        }
        int[] kept = new int[count * classes];
        BitSet ends = new BitSet();
        for (int s = 0; s < states; s++) {
            if (number[s] >= 0) {
                ends.set(number[s], accepting.get(s));
                for (int c = 0; c < classes; c++) {
                    int to = table[s * classes + c];
                    kept[number[s] * classes + c] = to < 0 ? DEAD : number[to];
                }
            }
        }
        return new Dfa(starts, kept, ends);
    }

    /// States from which an accepting one can be reached.
    static BitSet live(int[] table, int classes, BitSet accepting) {
        int states = table.length / classes;
        int[] heads = new int[states];
        Arrays.fill(heads, -1);
        int[] next = new int[table.length];
        for (int e = 0; e < table.length; e++) {
            if (table[e] >= 0 && (e % classes == 0 || table[e - 1] != table[e])) {
                next[e] = heads[table[e]];
                heads[table[e]] = e;
            }
        }
        BitSet live = (BitSet) accepting.clone();
        int[] stack = Arrays.copyOf(accepting.stream().toArray(), states);
        int height = accepting.cardinality();
        while (height > 0) {
            for (int e = heads[stack[--height]]; e >= 0; e = next[e]) {
                int from = e / classes;
                if (!live.get(from)) {
                    live.set(from);
                    stack[height++] = from;
                }
            }
        }
        return live;
    }

    /// The same texts with as few states as can be, by splitting groups of states until all of a
    /// group go to the same groups.
    Dfa minimal() {
        int classes = starts.length;
        int[] group = new int[states()];
        for (int s = 0; s < group.length; s++) {
            group[s] = accepting.get(s) ? 1 : 0;
        }
        int count = 0;
        while (true) {
            Map<List<Integer>, Integer> signatures = new HashMap<>();
            int[] next = new int[group.length];
            for (int s = 0; s < group.length; s++) {
                CompileLimit.check("");
                List<Integer> signature = new ArrayList<>(classes + 1);
                signature.add(group[s]);
                for (int c = 0; c < classes; c++) {
                    int to = step(s, c);
                    signature.add(to < 0 ? DEAD : group[to]);
                }
                next[s] = signatures.computeIfAbsent(signature, _ -> signatures.size());
            }
            group = next;
            if (signatures.size() == count) {
                return merged(group, count);
            }
            count = signatures.size();
        }
    }

    /// State 0 is in group 0.
    private Dfa merged(int[] group, int count) {
        int classes = starts.length;
        int[] small = new int[count * classes];
        BitSet ends = new BitSet();
        for (int s = 0; s < group.length; s++) {
            ends.set(group[s], accepting.get(s));
            for (int c = 0; c < classes; c++) {
                int to = step(s, c);
                small[group[s] * classes + c] = to < 0 ? DEAD : group[to];
            }
        }
        return new Dfa(starts, small, ends);
    }

    static int classOf(int[] starts, int c) {
        int at = Arrays.binarySearch(starts, c);
        return at >= 0 ? at : -at - 2;
    }

    int states() {
        return table.length / starts.length;
    }

    int[] starts() {
        return starts;
    }

    int next(int state, int c) {
        return table[state * starts.length + classOf(starts, c)];
    }

    /// The state after any character of a class.
    int step(int state, int classIndex) {
        return table[state * starts.length + classIndex];
    }

    boolean accepts(int state) {
        return accepting.get(state);
    }

    boolean contains(String text) {
        int state = 0;
        for (int i = 0; i < text.length() && state >= 0; i += Character.charCount(text.codePointAt(i))) {
            state = next(state, text.codePointAt(i));
        }
        return state >= 0 && accepting.get(state);
    }

    boolean isEmpty() {
        return accepting.isEmpty();
    }

    Dfa and(Dfa other) {
        return combined(other, (a, b) -> a && b, false, false);
    }

    Dfa or(Dfa other) {
        return combined(other, (a, b) -> a || b, true, true);
    }

    Dfa minus(Dfa other) {
        return combined(other, (a, b) -> a && !b, true, false);
    }

    static Dfa all() {
        BitSet accepting = new BitSet();
        accepting.set(0);
        return new Dfa(new int[] {0}, new int[] {0}, accepting);
    }

    /// Texts of so many code points.
    /// @param max negative for no limit
    static Dfa lengths(long min, long max) {
        long last = Math.max(min, max);
        if (last >= MAX_STATES) {
            throw tooLarge();
        }
        int[] table = new int[(int) last + 1];
        BitSet accepting = new BitSet();
        for (int s = 0; s <= last; s++) {
            table[s] = s < last ? s + 1 : max < 0 ? s : DEAD;
            accepting.set(s, s >= min);
        }
        return trimmed(new int[] {0}, table, accepting);
    }

    /// Every accepted text has so many code points.
    boolean lengthsWithin(long min, long max) {
        return min <= shortest() && (max < 0 || longest() <= max);
    }

    private long shortest() {
        int[] distance = new int[states()];
        Arrays.fill(distance, -1);
        int[] queue = new int[states()];
        int size = 1;
        distance[0] = 0;
        for (int i = 0; i < size; i++) {
            int s = queue[i];
            if (accepting.get(s)) {
                return distance[s];
            }
            for (int c = 0; c < starts.length; c++) {
                int to = step(s, c);
                if (to >= 0 && distance[to] < 0) {
                    distance[to] = distance[s] + 1;
                    queue[size++] = to;
                }
            }
        }
        return Long.MAX_VALUE;
    }

    /// By layers: a state on a path longer than there are states is on a cycle.
    private long longest() {
        int[] degree = new int[states()];
        for (int s = 0; s < states(); s++) {
            for (int c = 0; c < starts.length; c++) {
                if (step(s, c) >= 0) {
                    degree[step(s, c)]++;
                }
            }
        }
        if (degree[0] > 0) {
            return Long.MAX_VALUE;
        }
        int[] longest = new int[states()];
        int[] queue = new int[states()];
        int size = 1;
        for (int i = 0; i < size; i++) {
            int s = queue[i];
            for (int c = 0; c < starts.length; c++) {
                int to = step(s, c);
                if (to >= 0) {
                    longest[to] = Math.max(longest[to], longest[s] + 1);
                    if (--degree[to] == 0) {
                        queue[size++] = to;
                    }
                }
            }
        }
        return size < states() ? Long.MAX_VALUE : Arrays.stream(longest).max().orElse(0);
    }

    private interface Both {
        boolean accept(boolean a, boolean b);
    }

    private Dfa combined(Dfa other, Both both, boolean thisAlone, boolean otherAlone) {
        int[] merged = merged(starts, other.starts);
        int classes = merged.length;
        int[] mine = new int[classes];
        int[] others = new int[classes];
        for (int c = 0; c < classes; c++) {
            mine[c] = classOf(starts, merged[c]);
            others[c] = classOf(other.starts, merged[c]);
        }
        Map<Long, Integer> numbers = new HashMap<>();
        List<long[]> pairs = new ArrayList<>();
        pair(numbers, pairs, 0, 0);
        int[] result = new int[Math.max(16, classes)];
        BitSet ends = new BitSet();
        for (int s = 0; s < pairs.size(); s++) {
            CompileLimit.check("");
            int a = (int) pairs.get(s)[0];
            int b = (int) pairs.get(s)[1];
            ends.set(s, both.accept(a >= 0 && accepting.get(a), b >= 0 && other.accepting.get(b)));
            if ((s + 1) * classes > result.length) {
                result = Arrays.copyOf(result, Math.max(2 * result.length, (s + 1) * classes));
            }
            for (int c = 0; c < classes; c++) {
                int toA = a < 0 ? DEAD : step(a, mine[c]);
                int toB = b < 0 ? DEAD : other.step(b, others[c]);
                boolean goesOn = (toA >= 0 && toB >= 0) || (toA >= 0 && thisAlone) || (toB >= 0 && otherAlone);
                result[s * classes + c] = goesOn ? pair(numbers, pairs, toA, toB) : DEAD;
            }
            if (pairs.size() > MAX_STATES || (long) pairs.size() * classes > MAX_ENTRIES) {
                throw tooLarge();
            }
        }
        return trimmed(merged, Arrays.copyOf(result, pairs.size() * classes), ends);
    }

    private static int pair(Map<Long, Integer> numbers, List<long[]> pairs, int a, int b) {
        Integer known = numbers.putIfAbsent((long) a << 32 | (b & 0xFFFFFFFFL), pairs.size());
        if (known == null) {
            pairs.add(new long[] {a, b});
            return pairs.size() - 1;
        }
        return known;
    }

    private static int[] merged(int[] a, int[] b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return Arrays.stream(all).sorted().distinct().toArray();
    }
}
