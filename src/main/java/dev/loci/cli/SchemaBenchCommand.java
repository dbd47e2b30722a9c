package dev.loci.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loci.cli.SchemaCases.Outcome;
import dev.loci.cli.SchemaCases.Verdict;
import dev.loci.grammar.Vocabulary;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.Tokenizer;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `loci schema bench`: how many cases pass, and how long schemas and masks take on one thread.
@RegisterForReflection
@Command(name = "bench", description = "Judge structured output by a file of schemas with instances.")
final class SchemaBenchCommand implements Callable<Integer> {
    private static final double MICROS = 1000;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "A JSON object a line: name, schema, tests (valid, data).")
    private Path file;

    @Mixin
    private ModelOption model;

    @Option(names = "--details", description = "Name each case that did not pass, and why.")
    private boolean details;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Times through the file; the last is shown (default: ${DEFAULT-VALUE}).")
    private int rounds;

    private final Streams streams;

    SchemaBenchCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (rounds < 1) {
            throw CliException.ofOption("--rounds", "at least 1", rounds);
        }
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank())
                .toList();
        MappedMemory memory = KernelSelector.mappedMemory(new KernelOptions(KernelBackend.AUTO, 0, Optional.empty()));
        try (ModelDirectory directory = ModelDirectory.open(model.path(), memory, HugePages.OFF);
                Tokenizer tokenizer = Tokenizer.open(directory.tokenizerFile())) {
            int[] ends = directory.config().stopTokens().stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            Vocabulary vocabulary = Vocabulary.of(tokenizer, directory.config().vocabSize(), ends);
            SchemaCases cases = new SchemaCases(tokenizer, vocabulary);
            List<Verdict> verdicts = List.of();
            for (int round = 0; round < rounds; round++) {
                cases.forget();
                verdicts = judge(lines, cases);
            }
            print(verdicts, cases);
        }
        return 0;
    }

    private List<Verdict> judge(List<String> lines, SchemaCases cases) {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                verdicts.add(cases.judge(lines.get(i)));
            } catch (JsonProcessingException e) {
                throw CliException.of(file + ":" + (i + 1), "case", "JSON", e.getOriginalMessage());
            }
        }
        return verdicts;
    }

    private void print(List<Verdict> verdicts, SchemaCases cases) {
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        for (Verdict verdict : verdicts) {
            counts.merge(verdict.outcome(), 1, Integer::sum);
            if (details && verdict.outcome() != Outcome.PASSED) {
                streams.out().println(name(verdict.outcome()) + ": " + verdict.name() + ": " + verdict.why());
            }
        }
        streams.out().println(verdicts.size() + " cases");
        for (Outcome outcome : Outcome.values()) {
            int count = counts.getOrDefault(outcome, 0);
            double share = 100.0 * count / Math.max(1, verdicts.size());
            streams.out().println(name(outcome) + ": " + count + " (" + Sizes.decimals(share, 1) + " %)");
        }
        times("compile", cases.compileNanos());
        times("mask", cases.maskNanos());
    }

    private static String name(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void times(String what, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        if (sorted.length > 0) {
            streams.out()
                    .println(what + ", microseconds: p50 " + micros(sorted, 0.5) + ", p95 " + micros(sorted, 0.95)
                            + ", p99 " + micros(sorted, 0.99) + ", max " + micros(sorted, 1) + " (" + sorted.length
                            + ")");
        }
    }

    private static String micros(long[] sorted, double quantile) {
        int index = (int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile));
        return Sizes.decimals(sorted[index] / MICROS, 1);
    }
}
