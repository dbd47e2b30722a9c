package dev.loci.cli;

import picocli.CommandLine.Option;

/// `--help`, in every command.
final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;
}
