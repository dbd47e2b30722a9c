package dev.loci.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `loci schema`: names its commands.
@RegisterForReflection
@Command(
        name = "schema",
        description = "Show what a JSON schema lets an answer be, and judge the engine by cases.",
        synopsisSubcommandLabel = "COMMAND")
final class SchemaCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw CliException.of(
                "command line", "command", String.join(", ", spec.subcommands().keySet()), "none");
    }
}
