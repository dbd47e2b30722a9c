package dev.loci.cli;

import dev.loci.grammar.Grammar;
import dev.loci.grammar.GrammarState;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `loci schema check`: whether answers can be held to a schema, and whether an instance is one that
/// they could be.
@RegisterForReflection
@Command(
        name = "check",
        description = {
            "Say whether answers can be held to a JSON schema, and whether INSTANCE could be such an answer.",
            "Exit code 0: accepted, 1: rejected, 2: the schema is refused."
        })
final class SchemaCheckCommand implements Callable<Integer> {
    private static final int REJECTED = 1;
    private static final int MANY = 24;

    @Parameters(index = "0", paramLabel = "SCHEMA", description = "A file with a JSON schema.")
    private Path schema;

    @Parameters(index = "1", arity = "0..1", paramLabel = "INSTANCE", description = "A file with a JSON value.")
    private Optional<Path> instance;

    private final Streams streams;

    SchemaCheckCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Grammar grammar = Grammar.jsonSchema(Files.readString(schema));
        if (instance.isEmpty()) {
            streams.out().println("accepted: " + schema);
            return 0;
        }
        String text = Files.readString(instance.get()).strip();
        GrammarState state = grammar.first();
        for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
            String character = Character.toString(text.codePointAt(at));
            GrammarState next = state.after(character.getBytes(StandardCharsets.UTF_8));
            if (!next.alive()) {
                return rejected(at, "found " + quote(character), state);
            }
            state = next;
        }
        if (!state.complete()) {
            return rejected(text.length(), "found the end", state);
        }
        streams.out().println("accepted: " + instance.get());
        return 0;
    }

    private int rejected(int at, String found, GrammarState state) {
        streams.out()
                .println("rejected: " + instance.orElseThrow() + " @ character " + at + ": expected " + allowed(state)
                        + ", " + found);
        return REJECTED;
    }

    private static String allowed(GrammarState state) {
        BitSet bytes = state.bytes();
        StringJoiner names = new StringJoiner(" ");
        int ascii = bytes.get(0, 0x80).cardinality();
        if (ascii > MANY) {
            names.add("one of " + ascii + " ASCII characters");
        } else {
            bytes.stream().filter(b -> b < 0x80).forEach(b -> names.add(quote(Character.toString(b))));
        }
        if (bytes.nextSetBit(0x80) >= 0) {
            names.add("other characters");
        }
        if (state.complete()) {
            names.add("the end");
        }
        return names.toString();
    }

    private static String quote(String character) {
        return switch (character) {
            case "\n" -> "\\n";
            case "\t" -> "\\t";
            case "\r" -> "\\r";
            default -> "'" + character + "'";
        };
    }
}
