package dev.loci.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Where a command reads and writes.
/// @param out      results
/// @param err      complaints and progress
/// @param terminal whether a person sits at both ends
record Streams(InputStream in, PrintStream out, PrintStream err, boolean terminal) {
    Streams {
        Objects.requireNonNull(in, "in");
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(err, "err");
    }

    /// Those of this process; UTF-8 whatever the locale, since that is what models write.
    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives none again where there is no terminal
    static Streams ofProcess() {
        Console console = System.console();
        return new Streams(
                System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err), console != null && console.isTerminal());
    }

    PrintWriter outWriter() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    PrintWriter errWriter() {
        return new PrintWriter(err, true, StandardCharsets.UTF_8);
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
