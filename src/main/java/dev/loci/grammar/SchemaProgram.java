package dev.loci.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes the [Program] of a schema: one rule for each set of schemas that hold for a value together.
final class SchemaProgram {
    private static final int MAX_RULES = 50_000;

    private final Program program = new Program();
    private final Alternatives alternatives;
    private final Map<Conjunction, Integer> rules = new HashMap<>();
    private final Deque<Conjunction> open = new ArrayDeque<>();
    private final IdentityHashMap<Dfa, Lexeme> strings;
    private final IdentityHashMap<Dfa, ByteDfa> numbers;
    private final boolean anyOrder;
    private final int end;
    private boolean severalLists;

    private SchemaProgram(
            Alternatives alternatives,
            IdentityHashMap<Dfa, Lexeme> strings,
            IdentityHashMap<Dfa, ByteDfa> numbers,
            boolean anyOrder) {
        this.anyOrder = anyOrder;
        this.alternatives = alternatives;
        this.strings = strings;
        this.numbers = numbers;
        this.end = program.end();
    }

    /// Keys come in the order of `properties` where every object has one such list. Where several may
    /// hold for an object, together or one instead of another, or schemas exclude each other, no
    /// order is the schema's: keys may come in any.
    static Program of(SchemaDocument document) {
        SchemaProgram ordered =
                new SchemaProgram(new Alternatives(document), new IdentityHashMap<>(), new IdentityHashMap<>(), false);
        Program program = ordered.build(Conjunction.of(document.root()));
        return ordered.severalLists || ordered.alternatives.severalLists()
                ? new SchemaProgram(ordered.alternatives, ordered.strings, ordered.numbers, true)
                        .build(Conjunction.of(document.root()))
                : program;
    }

    boolean anyOrder() {
        return anyOrder;
    }

    private Program build(Conjunction root) {
        rule(root);
        while (!open.isEmpty()) {
            Conjunction next = open.removeFirst();
            CompileLimit.check(where(next));
            program.start(rules.get(next), body(alternatives.of(next), where(next)));
        }
        if (!program.prune()) {
            throw GrammarException.of("#", "", "a schema that some value fulfils", "one that none does");
        }
        return program;
    }

    private static String where(Conjunction conjunction) {
        return conjunction.schemas().isEmpty()
                ? "#"
                : conjunction.schemas().getFirst().path();
    }

    int rule(Conjunction conjunction) {
        Integer known = rules.get(conjunction);
        if (known == null) {
            if (rules.size() == MAX_RULES) {
                throw GrammarException.of("#", "", "at most " + MAX_RULES + " schemas that hold together", "more");
            }
            known = program.rule();
            rules.put(conjunction, known);
            open.addLast(conjunction);
        }
        return known;
    }

    private int body(List<Alternative> all, String path) {
        List<Integer> options = new ArrayList<>();
        severalLists |= all.stream()
                        .filter(each -> each instanceof Alternative.Obj object
                                && !object.named().isEmpty())
                        .count()
                > 1;
        boolean both = all.contains(new Alternative.Literal(Alternative.Name.TRUE))
                && all.contains(new Alternative.Literal(Alternative.Name.FALSE));
        if (both) {
            options.add(program.lexeme(JsonLexemes.BOOLEAN, end));
        }
        for (Alternative each : all) {
            switch (each) {
                case Alternative.Literal literal -> {
                    if (literal.name() == Alternative.Name.NULL) {
                        options.add(program.lexeme(JsonLexemes.NULL, end));
                    } else if (!both) {
                        boolean yes = literal.name() == Alternative.Name.TRUE;
                        options.add(program.lexeme(yes ? JsonLexemes.TRUE : JsonLexemes.FALSE, end));
                    }
                }
                case Alternative.Num num -> number(num).ifPresent(lexeme -> options.add(program.lexeme(lexeme, end)));
                case Alternative.Str str ->
                    string(str, path).ifPresent(lexeme -> options.add(program.lexeme(lexeme, end)));
                case Alternative.Arr array -> array(array).ifPresent(options::add);
                case Alternative.Obj object ->
                    new ObjectProgram(program, this, object, path).build(end).ifPresent(options::add);
            }
        }
        return program.choice(options.stream().mapToInt(Integer::intValue).toArray());
    }

    private Optional<Lexeme> number(Alternative.Num num) {
        if (num.texts().isEmpty()) {
            return Optional.of(num.integer() ? JsonLexemes.INTEGER : JsonLexemes.NUMBER);
        }
        return num.isEmpty()
                ? Optional.empty()
                : Optional.of(numbers.computeIfAbsent(num.texts().get(), ByteDfa::utf8));
    }

    private Optional<Lexeme> string(Alternative.Str given, String path) {
        Alternative.Str str;
        try {
            str = given.simplified();
        } catch (GrammarException e) {
            throw e.at(path, "maxLength");
        }
        if (str.isEmpty()) {
            return Optional.empty();
        }
        if (str.texts().isPresent()) {
            return Optional.of(strings.computeIfAbsent(str.texts().get(), SchemaProgram::string));
        }
        if (str.min() > CountedString.MAX_COUNT) {
            throw GrammarException.of(
                    path, "minLength", "at most " + CountedString.MAX_COUNT, String.valueOf(str.min()));
        }
        if (str.min() == 0 && (str.max() < 0 || str.max() > CountedString.MAX_COUNT)) {
            return Optional.of(JsonLexemes.STRING);
        }
        int max = str.max() > CountedString.MAX_COUNT ? -1 : (int) str.max();
        return Optional.of(new CountedString((int) str.min(), max));
    }

    private static Lexeme string(Dfa texts) {
        return Formats.lexeme(texts).orElseGet(() -> ByteDfa.jsonString(texts));
    }

    /// After each item a comma and the next, or the bracket.
    private Optional<Integer> array(Alternative.Arr array) {
        int fixed = array.prefix().size();
        long max = array.rest().never() ? fixed : array.max() < 0 ? Long.MAX_VALUE : array.max();
        for (int i = 0; i < fixed; i++) {
            if (array.item(i).never()) {
                max = Math.min(max, i);
            }
        }
        max = array.max() < 0 ? max : Math.min(max, array.max());
        if (array.min() > max) {
            return Optional.empty();
        }
        int close = program.lexeme(JsonLexemes.CLOSE_ARRAY, end);
        boolean endless = max == Long.MAX_VALUE;
        // after so many items all further ones are alike
        long states = endless ? Math.max(Math.max(array.min(), fixed), 1) : max;
        if (states > 100_000) {
            throw GrammarException.of("#", "maxItems", "at most 100000", String.valueOf(states));
        }
        int[] after = new int[(int) states + 1];
        for (int n = (int) states; n >= 1; n--) {
            after[n] = program.choice();
            boolean last = n == states;
            if (last && !endless) {
                program.options(after[n], close);
                continue;
            }
            int item = program.call(rule(array.item(n)), after[last ? n : n + 1]);
            int comma = program.lexeme(JsonLexemes.COMMA, item);
            program.options(after[n], n >= array.min() ? new int[] {comma, close} : new int[] {comma});
        }
        int[] first = new int[2];
        int options = 0;
        if (array.min() == 0) {
            first[options++] = close;
        }
        if (max > 0) {
            first[options++] = program.call(rule(array.item(0)), after[1]);
        }
        return Optional.of(program.lexeme(JsonLexemes.OPEN_ARRAY, program.choice(Arrays.copyOf(first, options))));
    }
}
