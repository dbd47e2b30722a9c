package dev.loci.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Sets of an [Nfa]'s states become the states of a [Dfa].
final class Determinizer {
    private static final long MAX_WORK = 1_500_000;

    private final Nfa nfa;
    private final int last;
    private final int[] starts;
    private final int[] seen;
    private int stamp;
    private final int[] stack;
    private final Map<Subset, Integer> numbers = new HashMap<>();
    private final List<int[]> subsets = new ArrayList<>();
    private long work;

    private Determinizer(Nfa nfa, int last) {
        this.nfa = nfa;
        this.last = last;
        this.seen = new int[nfa.size()];
        this.stack = new int[nfa.size()];
        TreeSet<Integer> borders = new TreeSet<>(List.of(0));
        for (int s = 0; s < nfa.size(); s++) {
            int[] moves = nfa.moves(s);
            for (int e = 0; e < moves.length; e += 3) {
                borders.add(moves[e]);
                borders.add(moves[e + 1] + 1);
            }
        }
        borders.remove(Ranges.MAX + 1);
        this.starts = borders.stream().mapToInt(Integer::intValue).toArray();
    }

    /// @param first where texts begin
    /// @param last  where they may end
    static Dfa run(Nfa nfa, int first, int last) {
        return new Determinizer(nfa, last).run(first);
    }

    private Dfa run(int first) {
        int classes = starts.length;
        number(closure(new int[] {first}, 1, true, false));
        int[] table = new int[Math.max(16, 4 * classes)];
        BitSet accepting = new BitSet();
        int[][] buckets = new int[classes][];
        int[] counts = new int[classes];
        for (int s = 0; s < subsets.size(); s++) {
            CompileLimit.check("");
            int[] subset = subsets.get(s);
            if (accepts(subset, s == 0)) {
                accepting.set(s);
            }
            Arrays.fill(counts, 0);
            spread(subset, buckets, counts);
            if ((s + 1) * classes > table.length) {
                table = Arrays.copyOf(table, 2 * table.length);
            }
            for (int c = 0; c < classes; c++) {
                boolean same = c > 0
                        && counts[c] == counts[c - 1]
                        && (counts[c] == 0 || Arrays.equals(buckets[c], 0, counts[c], buckets[c - 1], 0, counts[c]));
                table[s * classes + c] = same
                        ? table[s * classes + c - 1]
                        : counts[c] == 0 ? Dfa.DEAD : number(closure(buckets[c], counts[c], false, false));
            }
            if (subsets.size() > Dfa.MAX_STATES || (long) subsets.size() * classes > Dfa.MAX_ENTRIES) {
                throw Dfa.tooLarge();
            }
        }
        return Dfa.trimmed(starts, Arrays.copyOf(table, subsets.size() * classes), accepting);
    }

    private void spread(int[] subset, int[][] buckets, int[] counts) {
        for (int state : subset) {
            int[] moves = nfa.moves(state);
            for (int e = 0; e < moves.length; e += 3) {
                int c = Dfa.classOf(starts, moves[e]);
                for (; c < starts.length && starts[c] <= moves[e + 1]; c++) {
                    if (buckets[c] == null) {
                        buckets[c] = new int[8];
                    } else if (counts[c] == buckets[c].length) {
                        buckets[c] = Arrays.copyOf(buckets[c], 2 * counts[c]);
                    }
                    buckets[c][counts[c]++] = moves[e + 2];
                    spend(1);
                }
            }
        }
    }

    private boolean accepts(int[] subset, boolean begin) {
        for (int state : closure(subset, subset.length, begin, true)) {
            if (state == last) {
                return true;
            }
        }
        return false;
    }

    private int[] closure(int[] from, int count, boolean begin, boolean end) {
        stamp++;
        int height = 0;
        int size = 0;
        int[] found = new int[Math.max(8, count)];
        for (int i = 0; i < count; i++) {
            if (seen[from[i]] != stamp) {
                seen[from[i]] = stamp;
                stack[height++] = from[i];
            }
        }
        while (height > 0) {
            int state = stack[--height];
            if (size == found.length) {
                found = Arrays.copyOf(found, 2 * size);
            }
            found[size++] = state;
            int[] free = nfa.free(state);
            for (int e = 0; e < free.length; e += 2) {
                boolean open = free[e] == Nfa.ALWAYS || (free[e] == Nfa.AT_BEGIN ? begin : end);
                if (open && seen[free[e + 1]] != stamp) {
                    seen[free[e + 1]] = stamp;
                    stack[height++] = free[e + 1];
                }
            }
            spend(1);
        }
        int[] closed = Arrays.copyOf(found, size);
        Arrays.sort(closed);
        return closed;
    }

    private int number(int[] subset) {
        return numbers.computeIfAbsent(new Subset(subset, Arrays.hashCode(subset)), _ -> {
            subsets.add(subset);
            return subsets.size() - 1;
        });
    }

    private void spend(int amount) {
        work += amount;
        if (work > MAX_WORK) {
            throw Dfa.tooLarge();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared below
    private record Subset(int[] states, int hash) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Subset subset && Arrays.equals(states, subset.states);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
