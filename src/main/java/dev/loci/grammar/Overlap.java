package dev.loci.grammar;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Proves that schemas have no value in common. What it cannot prove it takes for common.
final class Overlap {
    private final Alternatives alternatives;
    private final Map<Conjunction, Boolean> empty = new HashMap<>();
    private final Set<Conjunction> underWay = new HashSet<>();

    Overlap(Alternatives alternatives) {
        this.alternatives = alternatives;
    }

    boolean disjoint(List<Alternative> a, List<Alternative> b) {
        for (Alternative mine : a) {
            for (Alternative its : b) {
                if (!disjoint(mine, its)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean disjoint(Alternative a, Alternative b) {
        if (a instanceof Alternative.Obj mine && b instanceof Alternative.Obj its) {
            Conjunction nothing = alternatives.nothing();
            Set<String> required = new LinkedHashSet<>(mine.required());
            required.addAll(its.required());
            return (mine.max() >= 0 && required.size() > mine.max())
                    || (its.max() >= 0 && required.size() > its.max())
                    || required.stream()
                            .anyMatch(key -> empty(mine.value(key, nothing).and(its.value(key, nothing))));
        }
        if (a instanceof Alternative.Arr mine && b instanceof Alternative.Arr its) {
            return empty(mine.and(its));
        }
        return alternatives.common(a, b).isEmpty();
    }

    private boolean empty(Conjunction conjunction) {
        if (conjunction.never()) {
            return true;
        }
        Boolean known = empty.get(conjunction);
        if (known != null) {
            return known;
        }
        if (!underWay.add(conjunction)) {
            return false;
        }
        boolean found = alternatives.of(conjunction).stream().allMatch(this::empty);
        underWay.remove(conjunction);
        empty.put(conjunction, found);
        return found;
    }

    boolean empty(Alternative alternative) {
        return switch (alternative) {
            case Alternative.Literal _ -> false;
            case Alternative.Num num -> num.isEmpty();
            case Alternative.Str str -> str.isEmpty();
            case Alternative.Arr array -> {
                boolean none = array.max() >= 0 && array.min() > array.max();
                for (int i = 0; i < Math.min(array.min(), array.prefix().size() + 1L) && !none; i++) {
                    none = empty(array.item(i));
                }
                yield none;
            }
            case Alternative.Obj object ->
                (object.max() >= 0 && object.required().size() > object.max())
                        || object.required().stream().anyMatch(key -> empty(object.value(key, alternatives.nothing())));
        };
    }
}
