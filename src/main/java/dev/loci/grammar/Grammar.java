package dev.loci.grammar;

import java.util.Collection;
import java.util.List;

/// What an output may be: all texts of a JSON schema, of a regular expression, or of a list. Immutable.
///
/// Each state of a grammar can be completed: a text that is drawn from the masks alone is one of the
/// grammar's when it ends.
public final class Grammar {
    static final String ANY_OBJECT = "{\"type\":\"object\"}";

    private final GrammarState first;

    private Grammar(Program program) {
        this.first = GrammarState.first(program);
    }

    /// Values that a JSON schema accepts.
    /// @param schema JSON
    /// @throws GrammarException where it is no schema, has no value at all, or asks for what cannot
    /// be held to
    public static Grammar jsonSchema(String schema) {
        return new Grammar(SchemaProgram.of(SchemaReader.read(schema)));
    }

    /// Any JSON object.
    public static Grammar jsonObject() {
        return jsonSchema(ANY_OBJECT);
    }

    /// Texts that an expression matches from beginning to end.
    public static Grammar regex(String pattern) {
        Dfa texts = Dfa.whole(new Regex.Cat(List.of(new Regex.Begin(), RegexParser.parse(pattern), new Regex.End())));
        if (texts.isEmpty()) {
            throw GrammarException.of("", "", "an expression that matches some text", "one that matches none");
        }
        return new Grammar(single(texts));
    }

    /// One of these texts.
    public static Grammar choice(Collection<String> texts) {
        if (texts.isEmpty()) {
            throw GrammarException.of("", "", "at least 1 text", "none");
        }
        return new Grammar(single(Dfa.texts(texts)));
    }

    private static Program single(Dfa texts) {
        Program program = new Program();
        int rule = program.rule();
        int end = program.end();
        ByteDfa bytes = ByteDfa.utf8(texts);
        int lexeme = program.lexeme(bytes, end);
        program.start(rule, texts.accepts(0) ? program.choice(end, lexeme) : lexeme);
        return program;
    }

    /// The state before any text.
    public GrammarState first() {
        return first;
    }
}
