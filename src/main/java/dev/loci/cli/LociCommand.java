package dev.loci.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/// `loci` itself: names its commands.
@RegisterForReflection
@Command(
        name = "loci",
        description = "Serves language models with large sparse memory layers.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "`loci COMMAND --help` lists a command's options; `loci test` runs all tests."})
final class LociCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw CliException.of(
                "command line", "command", String.join(", ", spec.subcommands().keySet()), "none");
    }

    /// The whole command line over some streams.
    static CommandLine commandLine(Streams streams, boolean debug) {
        CommandLine schema = new CommandLine(new SchemaCommand())
                .addSubcommand(new SchemaCheckCommand(streams))
                .addSubcommand(new SchemaBenchCommand(streams));
        schema.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().addOption(help()));
        CommandLine line = new CommandLine(new LociCommand())
                .addSubcommand(new ServeCommand())
                .addSubcommand(new ImportCommand(streams))
                .addSubcommand(new SynthCommand(streams))
                .addSubcommand(new InspectCommand(streams))
                .addSubcommand(new LossCommand(streams))
                .addSubcommand(new ChatCommand(streams))
                .addSubcommand(new BenchCommand(streams))
                .addSubcommand(schema);
        line.getCommandSpec().addOption(help()).addOption(version()).versionProvider(new Versions());
        line.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().addOption(help()));
        line.setOut(streams.outWriter());
        line.setErr(streams.errWriter());
        line.setUsageHelpAutoWidth(streams.terminal());
        line.setParameterExceptionHandler((problem, _) -> Problems.report(problem, streams));
        line.setExecutionExceptionHandler((problem, command, _) -> Problems.report(problem, command, streams, debug));
        return line;
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build();
    }

    private static OptionSpec version() {
        return OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the versions of Loci, its kernels and the JDK.")
                .build();
    }
}
