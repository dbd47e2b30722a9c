package dev.loci.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// The part of a [Program] that reads one object: named properties in their order, then others.
///
/// A state is how many of the named properties lie behind, and how many keys there were: none or
/// some, or up to the limit where one is set.
final class ObjectProgram {
    private static final int MAX_STATES = 100_000;

    private final Program program;
    private final SchemaProgram schemas;
    private final Alternative.Obj object;
    private final String path;
    private final List<String> names = new ArrayList<>();
    private final List<Conjunction> values = new ArrayList<>();
    private List<Alternative.KeyClass> classes;

    ObjectProgram(Program program, SchemaProgram schemas, Alternative.Obj object, String path) {
        this.program = program;
        this.schemas = schemas;
        this.object = object;
        this.path = path;
        this.classes = object.classes();
        object.named().forEach((name, value) -> {
            if (!value.never()) {
                names.add(name);
                values.add(value);
            }
        });
    }

    Optional<Integer> build(int end) {
        long max = object.max();
        boolean missing = object.required().stream().anyMatch(key -> !names.contains(key));
        if (missing || (max >= 0 && object.required().size() > max)) {
            return Optional.empty();
        }
        long min = object.min() <= object.required().size() ? 0 : object.min();
        if (max >= 0 && classes.isEmpty() && names.size() <= max) {
            max = -1;
        }
        if (min > names.size() && classes.isEmpty()) {
            return Optional.empty();
        }
        if (min > 1 && !classes.isEmpty()) {
            // two keys that are not named may be the same one
            throw GrammarException.unsupported(path, "minProperties", String.valueOf(object.min()));
        }
        if (schemas.anyOrder() && max < 0 && min == 0) {
            List<Integer> rules = new ArrayList<>();
            values.forEach(value -> rules.add(schemas.rule(value)));
            KeyTrie trie = new KeyTrie(names);
            List<Lexeme> others = others(trie);
            List<Integer> otherRules = new ArrayList<>();
            classes.forEach(each -> otherRules.add(schemas.rule(each.value())));
            BitSet required = new BitSet();
            object.required().forEach(name -> required.set(names.indexOf(name)));
            int close = program.lexeme(JsonLexemes.CLOSE_OBJECT, end);
            UnorderedObject unordered = new UnorderedObject(program, trie, rules, required, others, otherRules, close);
            return Optional.of(program.lexeme(JsonLexemes.OPEN_OBJECT, unordered.start()));
        }
        long limit = max >= 0 ? max : Math.max(1, min);
        if ((names.size() + 1L) * (limit + 1) > MAX_STATES) {
            throw GrammarException.of(
                    path, "maxProperties", "at most " + MAX_STATES + " counts of keys", String.valueOf(max));
        }
        return Optional.of(states(end, (int) min, max >= 0, (int) limit));
    }

    private int states(int end, int min, boolean bounded, int limit) {
        int count = names.size();
        KeyTrie trie = new KeyTrie(names);
        List<Lexeme> others = others(trie);
        int close = program.lexeme(JsonLexemes.CLOSE_OBJECT, end);
        int[][] after = new int[count + 1][limit + 1];
        for (int[] row : after) {
            for (int c = 0; c <= limit; c++) {
                row[c] = program.choice();
            }
        }
        int[][] taken = new int[limit + 1][count];
        for (int c = 0; c <= limit; c++) {
            for (int k = 0; k < count; k++) {
                taken[c][k] = program.call(schemas.rule(values.get(k)), after[k + 1][Math.min(c + 1, limit)]);
            }
        }
        int[] requiredFrom = requiredFrom();
        for (int c = 0; c <= limit; c++) {
            int[] other = new int[others.size()];
            int following = after[count][Math.min(c + 1, limit)];
            for (int i = 0; i < other.length; i++) {
                other[i] = program.lexeme(
                        others.get(i), program.call(schemas.rule(classes.get(i).value()), following));
            }
            for (int i = 0; i <= count; i++) {
                boolean all = requiredFrom[i] == count;
                List<Integer> keys = new ArrayList<>();
                if (!bounded || c < limit) {
                    if (i < count) {
                        keys.add(program.lexeme(trie.between(i, Math.min(requiredFrom[i], count - 1)), taken[c]));
                    }
                    for (int lexeme : all ? other : new int[0]) {
                        keys.add(lexeme);
                    }
                }
                List<Integer> options = new ArrayList<>();
                if (all && c >= min) {
                    options.add(close);
                }
                if (c == 0) {
                    options.addAll(keys);
                } else if (!keys.isEmpty()) {
                    int choice = program.choice(ints(keys));
                    options.add(program.lexeme(JsonLexemes.COMMA, choice));
                }
                program.options(after[i][c], ints(options));
            }
        }
        return program.lexeme(JsonLexemes.OPEN_OBJECT, after[0][0]);
    }

    /// For each position the next property that must be there; their number where there is none.
    private int[] requiredFrom() {
        int[] from = new int[names.size() + 1];
        from[names.size()] = names.size();
        for (int i = names.size() - 1; i >= 0; i--) {
            from[i] = object.required().contains(names.get(i)) ? i : from[i + 1];
        }
        return from;
    }

    private List<Lexeme> others(KeyTrie trie) {
        List<Lexeme> lexemes = new ArrayList<>();
        List<Alternative.KeyClass> kept = new ArrayList<>();
        KeyTrie named = object.named().size() == names.size()
                ? trie
                : new KeyTrie(List.copyOf(object.named().keySet()));
        for (Alternative.KeyClass each : classes) {
            if (each.names().isEmpty()) {
                lexemes.add(object.named().isEmpty() ? JsonLexemes.ONE_WAY_KEY : named.others());
                kept.add(each);
            } else {
                Dfa names = object.named().isEmpty()
                        ? each.names().get()
                        : each.names().get().minus(Dfa.texts(object.named().keySet()));
                if (!names.isEmpty()) {
                    lexemes.add(ByteDfa.jsonKey(names));
                    kept.add(each);
                }
            }
        }
        classes = kept;
        return lexemes;
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
