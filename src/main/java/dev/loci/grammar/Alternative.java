package dev.loci.grammar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Values of one type; what lies inside arrays and objects is left as schemas. A schema is a list of
/// them, any of which may hold. No method changes one.
sealed interface Alternative {
    enum Name {
        NULL,
        TRUE,
        FALSE
    }

    record Literal(Name name) implements Alternative {}

    /// @param texts those that the numbers have; empty for all of them
    record Num(boolean integer, Optional<Dfa> texts) implements Alternative {
        private static final Dfa INTEGERS = Dfa.whole(Numbers.INTEGER);
        static final Dfa PLAIN = Dfa.whole(Numbers.PLAIN);

        static Num of(Dfa texts) {
            return new Num(false, Optional.of(texts));
        }

        /// The texts as an automaton; without exponents where there is none yet.
        Dfa dfa() {
            return texts.orElse(integer ? INTEGERS : PLAIN);
        }

        Num and(Num other) {
            if (texts.isEmpty() && other.texts.isEmpty()) {
                return new Num(integer || other.integer, Optional.empty());
            }
            if (texts.isEmpty() && !integer) {
                return other;
            }
            return other.texts.isEmpty() && !other.integer ? this : of(dfa().and(other.dfa()));
        }

        boolean isEmpty() {
            return texts.isPresent() && texts.get().isEmpty();
        }
    }

    /// @param max   negative for no limit
    /// @param texts empty for all
    record Str(long min, long max, Optional<Dfa> texts) implements Alternative {
        static final Str ANY = new Str(0, -1, Optional.empty());

        static Str of(Dfa texts) {
            return new Str(0, -1, Optional.of(texts));
        }

        Str and(Str other) {
            long least = max < 0 ? other.max : other.max < 0 ? max : Math.min(max, other.max);
            Optional<Dfa> both = texts.isPresent() && other.texts.isPresent()
                    ? Optional.of(texts.get().and(other.texts.get()))
                    : texts.or(() -> other.texts);
            return new Str(Math.max(min, other.min), least, both).simplified();
        }

        /// With the lengths in the automaton, where there is one.
        Str simplified() {
            if (texts.isEmpty() || (min == 0 && max < 0)) {
                return this;
            }
            return of(
                    texts.get().lengthsWithin(min, max)
                            ? texts.get()
                            : texts.get().and(Dfa.lengths(min, max)));
        }

        boolean isEmpty() {
            return (max >= 0 && min > max) || (texts.isPresent() && texts.get().isEmpty());
        }

        /// All its texts as an automaton.
        Dfa dfa() {
            return texts.orElseGet(() -> Dfa.lengths(min, max));
        }
    }

    /// @param max negative for no limit
    record Arr(List<Conjunction> prefix, Conjunction rest, long min, long max) implements Alternative {
        static final Arr ANY = new Arr(List.of(), Conjunction.ANYTHING, 0, -1);

        public Arr {
            prefix = List.copyOf(prefix);
        }

        Conjunction item(int index) {
            return index < prefix.size() ? prefix.get(index) : rest;
        }

        Arr and(Arr other) {
            List<Conjunction> both = new ArrayList<>();
            for (int i = 0; i < Math.max(prefix.size(), other.prefix.size()); i++) {
                both.add(item(i).and(other.item(i)));
            }
            long least = max < 0 ? other.max : other.max < 0 ? max : Math.min(max, other.max);
            return new Arr(both, rest.and(other.rest), Math.max(min, other.min), least);
        }
    }

    /// Keys that an object has no schema of its own for.
    /// @param names empty for all
    record KeyClass(Optional<Dfa> names, Conjunction value) {
        boolean holds(String key) {
            return names.isEmpty() || names.get().contains(key);
        }
    }

    /// @param named    in the order in which they are written
    /// @param required all of them among the named
    /// @param classes  no key is in two of them; a key that is neither named nor in one is not allowed
    /// @param max      negative for no limit
    record Obj(Map<String, Conjunction> named, Set<String> required, List<KeyClass> classes, long min, long max)
            implements Alternative {
        static final Obj ANY =
                new Obj(Map.of(), Set.of(), List.of(new KeyClass(Optional.empty(), Conjunction.ANYTHING)), 0, -1);

        Conjunction value(String key, Conjunction nothing) {
            Conjunction own = named.get(key);
            if (own != null) {
                return own;
            }
            return classes.stream()
                    .filter(each -> each.holds(key))
                    .findFirst()
                    .map(KeyClass::value)
                    .orElse(nothing);
        }

        Obj and(Obj other, Conjunction nothing) {
            Map<String, Conjunction> both = new LinkedHashMap<>();
            for (Obj each : List.of(this, other)) {
                for (String key : each.named.keySet()) {
                    both.computeIfAbsent(key, _ -> value(key, nothing).and(other.value(key, nothing)));
                }
            }
            Set<String> all = new LinkedHashSet<>(required);
            all.addAll(other.required);
            long least = max < 0 ? other.max : other.max < 0 ? max : Math.min(max, other.max);
            return new Obj(both, all, classes(other), Math.max(min, other.min), least);
        }

        private List<KeyClass> classes(Obj other) {
            List<KeyClass> both = new ArrayList<>();
            for (KeyClass mine : classes) {
                for (KeyClass its : other.classes) {
                    Conjunction value = mine.value.and(its.value);
                    Optional<Dfa> names = mine.names.isPresent() && its.names.isPresent()
                            ? Optional.of(mine.names.get().and(its.names.get()))
                            : mine.names.or(its::names);
                    if (!value.never() && !(names.isPresent() && names.get().isEmpty())) {
                        both.add(new KeyClass(names, value));
                    }
                }
            }
            return both;
        }

        /// With one key more that may not be there.
        Obj without(String key, Conjunction nothing) {
            return and(new Obj(Map.of(key, nothing), Set.of(), ANY.classes, 0, -1), nothing);
        }
    }
}
