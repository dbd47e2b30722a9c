package dev.loci.cli;

import dev.loci.config.ConfigException;
import dev.loci.engine.EngineException;
import dev.loci.grammar.GrammarException;
import dev.loci.importer.ImportException;
import dev.loci.kernel.KernelException;
import dev.loci.store.StoreException;
import dev.loci.tensor.TensorException;
import dev.loci.tokenizer.TokenizerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns whatever ends a command into one line on stderr and an exit code.
final class Problems {
    /// The operator can put it right.
    static final int REFUSED = 2;
    /// Nobody but the authors can.
    static final int UNEXPECTED = 1;

    private Problems() {}

    /// For an exception that a command threw.
    static int report(Throwable problem, CommandLine command, Streams streams, boolean debug) {
        boolean expected = isExpected(problem);
        print(command, expected ? message(problem) : "unexpected " + problem + "; LOCI_DEBUG=1 shows where", streams);
        if (debug) {
            problem.printStackTrace(streams.err());
        }
        return expected ? REFUSED : UNEXPECTED;
    }

    /// For a command line that picocli refused.
    static int report(ParameterException problem, Streams streams) {
        print(problem.getCommandLine(), message(problem), streams);
        return REFUSED;
    }

    private static void print(CommandLine command, String message, Streams streams) {
        print(command.getCommandSpec().qualifiedName(), message, streams);
    }

    static void print(String command, String message, Streams streams) {
        String oneLine = message.lines().map(String::strip).collect(Collectors.joining(" "));
        streams.err().println(command + ": " + oneLine);
    }

    private static boolean isExpected(Throwable problem) {
        return switch (problem) {
            case CliException _,
                    ConfigException _,
                    TensorException _,
                    StoreException _,
                    ImportException _,
                    TokenizerException _,
                    KernelException _,
                    EngineException _,
                    GrammarException _,
                    IllegalArgumentException _,
                    IOException _,
                    UncheckedIOException _ -> true;
            default -> false;
        };
    }

    static String message(Throwable problem) {
        return switch (problem) {
            case UncheckedIOException unchecked when isPlain(unchecked) -> message(unchecked.getCause());
            case UncheckedIOException unchecked -> unchecked.getMessage() + ": " + message(unchecked.getCause());
            case NoSuchFileException missing -> file(missing.getFile(), "one that exists", "none");
            case AccessDeniedException denied -> file(denied.getFile(), "a permitted one", "no permission");
            case FileAlreadyExistsException exists -> file(exists.getFile(), "none", "one");
            case NotDirectoryException other -> file(other.getFile(), "a directory", "a file");
            case CharacterCodingException _ -> "text: expected UTF-8, found other bytes";
            case Throwable other -> String.valueOf(other.getMessage());
        };
    }

    /// Whether the wrapper says nothing of its own, or its cause says it all.
    private static boolean isPlain(UncheckedIOException problem) {
        IOException cause = problem.getCause();
        return cause.toString().equals(problem.getMessage())
                || cause instanceof NoSuchFileException
                || cause instanceof AccessDeniedException;
    }

    private static String file(String name, String expected, String found) {
        return Path.of(name) + ", file: expected " + expected + ", found " + found;
    }

    private static String message(ParameterException problem) {
        return switch (problem) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing ->
                commandLine(
                        missing.getMissing().isEmpty()
                                ? "arguments"
                                : name(missing.getMissing().getFirst()),
                        "a value",
                        "none");
            case ParameterException other
            when other.getArgSpec() != null && other.getValue() != null ->
                commandLine(name(other.getArgSpec()), expectedOf(other.getArgSpec()), other.getValue());
            case ParameterException other -> "command line: " + other.getMessage();
        };
    }

    private static String unmatched(UnmatchedArgumentException problem) {
        String found = problem.getUnmatched().isEmpty()
                ? "none"
                : problem.getUnmatched().getFirst();
        CommandLine command = problem.getCommandLine();
        if (found.startsWith("-")) {
            return commandLine(
                    "option", "one that " + command.getCommandSpec().qualifiedName() + " --help lists", found);
        }
        if (!command.getSubcommands().isEmpty()) {
            return commandLine(
                    "command", String.join(", ", command.getSubcommands().keySet()), found);
        }
        int most = command.getCommandSpec().positionalParameters().size();
        return commandLine("arguments", most == 0 ? "none" : "at most " + most, "also " + found);
    }

    private static String commandLine(String what, String expected, String found) {
        return "command line, " + what + ": expected " + expected + ", found " + found;
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String expectedOf(ArgSpec argument) {
        List<Class<?>> types = List.of(argument.typeInfo().getAuxiliaryTypes());
        Class<?> type = types.isEmpty() ? argument.type() : types.getLast();
        return switch (type.getSimpleName()) {
            case "int", "long", "Integer", "Long" -> "a whole number";
            case "double", "float", "Double" -> "a number";
            case "Path" -> "a path";
            default -> "a value of it";
        };
    }
}
