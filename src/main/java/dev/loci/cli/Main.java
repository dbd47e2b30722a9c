package dev.loci.cli;

import io.quarkus.runtime.annotations.QuarkusMain;

/// Entry point of the process. Parses the command line without starting Quarkus; `serve` alone starts it.
@QuarkusMain
public final class Main {
    private static final String DEBUG = "LOCI_DEBUG";

    private Main() {}

    public static void main(String... args) {
        System.exit(run(Streams.ofProcess(), args));
    }

    /// Runs one command.
    /// @return its exit code
    static int run(Streams streams, String... args) {
        return LociCommand.commandLine(streams, "1".equals(System.getenv(DEBUG)))
                .execute(args);
    }
}
