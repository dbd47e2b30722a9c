package dev.loci.cli;
import picocli.CommandLine.Command;
@Command(name="serve")
final class ServeCommand implements java.util.concurrent.Callable<Integer> { @Override public Integer call() { return 0; } }
