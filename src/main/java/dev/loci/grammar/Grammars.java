package dev.loci.grammar;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Grammars over the vocabulary of a model. Remembers those that were asked for last, with their
/// masks. Thread-safe.
public final class Grammars {
    private static final int MAX_REMEMBERED = 64;
    private static final Duration COMPILE_LIMIT = Duration.ofSeconds(5);

    private final Supplier<Vocabulary> source;
    private final Duration compileLimit;
    private final Map<Key, TokenGrammar> remembered = new LinkedHashMap<>(16, 0.75f, true);
    private Vocabulary vocabulary;

    private enum Kind {
        JSON_SCHEMA,
        REGEX,
        CHOICE
    }

    private record Key(Kind kind, List<String> text) {}

    /// @param vocabulary asked for once, at the first grammar
    public Grammars(Supplier<Vocabulary> vocabulary) {
        this(vocabulary, COMPILE_LIMIT);
    }

    /// @param compileLimit for one grammar; a [GrammarException] says that it took longer
    Grammars(Supplier<Vocabulary> vocabulary, Duration compileLimit) {
        this.source = vocabulary;
        this.compileLimit = compileLimit;
    }

    /// As [Grammar#jsonSchema].
    public TokenGrammar jsonSchema(String schema) {
        return find(new Key(Kind.JSON_SCHEMA, List.of(schema)), () -> Grammar.jsonSchema(schema));
    }

    /// As [Grammar#jsonObject].
    public TokenGrammar jsonObject() {
        return jsonSchema(Grammar.ANY_OBJECT);
    }

    /// As [Grammar#regex].
    public TokenGrammar regex(String pattern) {
        return find(new Key(Kind.REGEX, List.of(pattern)), () -> Grammar.regex(pattern));
    }

    /// As [Grammar#choice].
    public TokenGrammar choice(Collection<String> texts) {
        return find(new Key(Kind.CHOICE, List.copyOf(texts)), () -> Grammar.choice(texts));
    }

    private TokenGrammar find(Key key, Supplier<Grammar> compiler) {
        synchronized (remembered) {
            TokenGrammar known = remembered.get(key);
            if (known != null) {
                return known;
            }
        }
        // outside of the lock: one large schema holds up nobody else
        TokenGrammar made = new TokenGrammar(CompileLimit.within(compileLimit, compiler), vocabulary());
        synchronized (remembered) {
            remembered.put(key, made);
            if (remembered.size() > MAX_REMEMBERED) {
                remembered.remove(remembered.keySet().iterator().next());
            }
        }
        return made;
    }

    private synchronized Vocabulary vocabulary() {
        if (vocabulary == null) {
            vocabulary = source.get();
        }
        return vocabulary;
    }
}
