package dev.loci.grammar;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Grammars over the vocabulary of a model. Remembers those that were asked for last, with their
/// masks. Thread-safe.
public final class Grammars {
    private static final int MAX_REMEMBERED = 64;

    private final Supplier<Vocabulary> source;
    private final CompileQueue queue;
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
        this(vocabulary, CompileLimits.defaults());
    }

    /// @param limits a [GrammarException] says which of them a grammar is beyond
    public Grammars(Supplier<Vocabulary> vocabulary, CompileLimits limits) {
        this.source = vocabulary;
        this.queue = new CompileQueue(limits);
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

    CompileQueue queue() {
        return queue;
    }

    /// What is remembered waits for nobody. Of several requests for one grammar the first compiles it.
    private TokenGrammar find(Key key, Supplier<Grammar> compiler) {
        return remembered(key)
                .orElseGet(() -> queue.compile(() -> remembered(key).orElseGet(() -> {
                    TokenGrammar made = new TokenGrammar(compiler.get(), vocabulary());
                    remember(key, made);
                    return made;
                })));
    }

    private Optional<TokenGrammar> remembered(Key key) {
        synchronized (remembered) {
            return Optional.ofNullable(remembered.get(key));
        }
    }

    private void remember(Key key, TokenGrammar made) {
        synchronized (remembered) {
            remembered.put(key, made);
            if (remembered.size() > MAX_REMEMBERED) {
                remembered.remove(remembered.keySet().iterator().next());
            }
        }
    }

    private synchronized Vocabulary vocabulary() {
        if (vocabulary == null) {
            vocabulary = source.get();
        }
        return vocabulary;
    }
}
