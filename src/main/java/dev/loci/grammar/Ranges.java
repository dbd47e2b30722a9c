package dev.loci.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A set of code points as ranges in order, none touching the next: `first, last, first, last, ...`.
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Ranges(int[] bounds) {
    static final int MAX = 0x10FFFF;
    static final Ranges NONE = new Ranges(new int[0]);
    static final Ranges ALL = of(0, MAX);
    static final Ranges DIGITS = of('0', '9');
    static final Ranges WORD = of('0', '9', 'A', 'Z', '_', '_', 'a', 'z');
    static final Ranges SPACE = of(
            '\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F, 0x205F,
            0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);
    /// What a dot stands for.
    static final Ranges DOT = of('\n', '\n', '\r', '\r', 0x2028, 0x2029).complement();

    static Ranges of(int... bounds) {
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < bounds.length; i += 2) {
            all.add(new int[] {bounds[i], bounds[i + 1]});
        }
        return normal(all);
    }

    private static Ranges normal(List<int[]> ranges) {
        ranges.sort(Comparator.comparingInt(range -> range[0]));
        List<int[]> merged = new ArrayList<>();
        for (int[] range : ranges) {
            if (!merged.isEmpty() && range[0] <= merged.getLast()[1] + 1) {
                merged.getLast()[1] = Math.max(merged.getLast()[1], range[1]);
            } else {
                merged.add(range.clone());
            }
        }
        return new Ranges(merged.stream().flatMapToInt(java.util.Arrays::stream).toArray());
    }

    Ranges or(Ranges other) {
        List<int[]> all = new ArrayList<>();
        for (Ranges each : List.of(this, other)) {
            for (int i = 0; i < each.bounds.length; i += 2) {
                all.add(new int[] {each.bounds[i], each.bounds[i + 1]});
            }
        }
        return normal(all);
    }

    Ranges complement() {
        List<int[]> rest = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            if (bounds[i] > from) {
                rest.add(new int[] {from, bounds[i] - 1});
            }
            from = bounds[i + 1] + 1;
        }
        if (from <= MAX) {
            rest.add(new int[] {from, MAX});
        }
        return normal(rest);
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }
}
