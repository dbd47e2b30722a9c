package dev.loci.cli.bench;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.KvType;
import dev.loci.kernel.LimitKernel.Product;
import dev.loci.kernel.WeightType;
import dev.loci.model.ForwardPass;
import dev.loci.model.Model;
import dev.loci.model.Stage;
import dev.loci.model.StageListener;
import dev.loci.model.StepBatch;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/// The forward pass: a prompt, then new tokens for batches of several sizes, greedy.
final class ForwardBench implements AutoCloseable {
    static final int STEP_TOKENS = 256;
    private static final int SHORT_PROMPT = 16;
    private static final long WARM_NANOS = 500_000_000;
    private static final long LONGEST_WARM_NANOS = 3_000_000_000L;

    private final BenchReport report;
    private final MachineLimits limits;
    private final Model model;
    private final ModelConfig config;
    private final Kernels kernels;
    private final int runs;
    private final Arena arena = Arena.ofShared();
    private final ForwardPass pass;
    private final StepBatch batch;
    private final GreedySampler sampler;
    private final KvType kvType;

    ForwardBench(BenchReport report, MachineLimits limits, Model model, Kernels kernels, int runs) {
        this.report = report;
        this.limits = limits;
        this.model = model;
        this.config = model.config();
        this.kernels = kernels;
        this.runs = runs;
        this.pass = new ForwardPass(model, kernels, STEP_TOKENS);
        this.batch = new StepBatch(arena, STEP_TOKENS);
        this.sampler = new GreedySampler(arena, kernels, config);
        this.kvType = config.denseType() == WeightType.F32 ? KvType.F32 : KvType.F16;
    }

    @Override
    public void close() {
        pass.close();
        arena.close();
    }

    void prefill(int tokens) {
        int prompt = Math.min(tokens, config.contextTokens());
        List<Double> rates = new ArrayList<>();
        StageClock clock = new StageClock();
        try (Arena pages = Arena.ofShared()) {
            FlatCache cache = new FlatCache(pages, config, kvType, config.layers(), 1, prompt);
            warmUp(() -> prefill(cache, prompt, new StageClock()));
            for (int run = 0; run < runs; run++) {
                rates.add(prompt * 1e9 / prefill(cache, prompt, clock));
            }
        }
        Map<String, Object> parameters = parameters("tokens", prompt);
        report.add(BenchRecord.of("prefill", parameters, "tok/s", rates).within(limit(Math.min(prompt, STEP_TOKENS))));
        split("prefill", parameters, clock);
    }

    /// @param tokens new ones of each sequence, behind a prompt of 16
    void decode(int sequences, int tokens) {
        int decoded = Math.min(tokens, config.contextTokens() - SHORT_PROMPT);
        List<Double> rates = new ArrayList<>();
        StageClock clock = new StageClock();
        try (Arena pages = Arena.ofShared()) {
            FlatCache cache = new FlatCache(pages, config, kvType, config.layers(), sequences, SHORT_PROMPT + decoded);
            warmUp(() -> decode(cache, sequences, decoded, new StageClock()));
            for (int run = 0; run < runs; run++) {
                long nanos = decode(cache, sequences, decoded, clock);
                rates.add((double) sequences * decoded * 1e9 / nanos);
            }
        }
        Map<String, Object> parameters = parameters("batch", sequences);
        parameters.put("prompt", SHORT_PROMPT);
        parameters.put("tokens", decoded);
        report.add(BenchRecord.of("decode", parameters, "tok/s", rates).within(limit(sequences)));
        split("decode", parameters, clock);
    }

    /// Nanoseconds of one prompt.
    private long prefill(FlatCache cache, int tokens, StageClock clock) {
        pass.listener(clock);
        clock.start();
        return Stopwatch.once(() -> prompt(cache, 1, tokens, clock));
    }

    /// Nanoseconds of the new tokens, prompts not counted.
    private long decode(FlatCache cache, int sequences, int tokens, StageClock clock) {
        pass.listener(StageListener.NONE);
        int[] ids = prompt(cache, sequences, SHORT_PROMPT, new StageClock());
        pass.listener(clock);
        clock.start();
        long start = System.nanoTime();
        for (int step = 0; step < tokens; step++) {
            batch.clear();
            for (int s = 0; s < sequences; s++) {
                batch.add(s, ids[s], SHORT_PROMPT + step, true);
            }
            ids = step(cache, clock);
        }
        return Math.max(1, System.nanoTime() - start);
    }

    /// Runs what will be measured until it gains nothing by going on: for half a second at least, then until two runs
    /// in a row are no more than 3 % faster than the best before them. The JVM has compiled the Java side by then.
    /// Three seconds are enough for any model: where runs are that long, little of them is Java's.
    private static void warmUp(LongSupplier nanosOfRun) {
        long start = System.nanoTime();
        long best = Long.MAX_VALUE;
        long took = 0;
        for (int slower = 0; took < WARM_NANOS || (slower < 2 && took < LONGEST_WARM_NANOS); ) {
            long nanos = nanosOfRun.getAsLong();
            slower = nanos < 0.97 * best ? 0 : slower + 1;
            best = Math.min(best, nanos);
            took = System.nanoTime() - start;
        }
    }

    /// Runs prompts of all sequences.
    /// @return the id that follows each
    private int[] prompt(FlatCache cache, int sequences, int tokens, StageClock clock) {
        int[] last = new int[sequences];
        for (int s = 0; s < sequences; s++) {
            for (int first = 0; first < tokens; first += STEP_TOKENS) {
                batch.clear();
                int end = Math.min(tokens, first + STEP_TOKENS);
                for (int position = first; position < end; position++) {
                    int id = Math.floorMod(position * 7919 + s * 104_729 + 13, config.vocabSize());
                    batch.add(s, id, position, position == tokens - 1);
                }
                int[] ids = step(cache, clock);
                if (end == tokens) {
                    last[s] = ids[0];
                }
            }
        }
        return last;
    }

    private int[] step(FlatCache cache, StageClock clock) {
        pass.run(batch, cache);
        int[] ids = new int[batch.outputs()];
        for (int first = 0; first < ids.length; first += ForwardPass.LOGIT_ROWS) {
            int count = Math.min(ForwardPass.LOGIT_ROWS, ids.length - first);
            sampler.sample(pass.logits(first, count), count, ids, first);
            clock.endedSampling();
        }
        return ids;
    }

    /// Tokens a second where the weights are read once a step, or all products take the fastest instructions.
    private double limit(int tokens) {
        long bytes = model.denseBytes();
        int width = config.denseType().elementBytes();
        double products = 2.0 * bytes / width * tokens;
        double operations = switch (config.denseType()) {
            case F32 -> limits.operations(Product.F32);
            case BF16 -> limits.operations(Product.F32, Product.BF16, Product.TILE_BF16);
            case INT8 -> limits.operations(Product.F32, Product.INT8, Product.TILE_INT8);
        };
        return tokens / Math.max(bytes / limits.readBytes(), products / operations);
    }

    private void split(String name, Map<String, Object> parameters, StageClock clock) {
        double total = Math.max(1, clock.total());
        for (Stage stage : Stage.values()) {
            share(name, parameters, stage.name().toLowerCase(Locale.ROOT), clock.nanos(stage) / total);
        }
        share(name, parameters, "sampling", clock.sampling() / total);
        long memory = clock.nanos(Stage.MEMORY_READ) + clock.nanos(Stage.MEMORY_ADD);
        share(name, parameters, "memory layers in all", memory / total);
        share(name, parameters, "rows of memory_read", clock.gathering() / total);
    }

    private void share(String name, Map<String, Object> parameters, String stage, double share) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("stage", stage);
        all.putAll(parameters);
        report.add(BenchRecord.of(name + " share", all, "%", List.of(100 * share)));
    }

    private Map<String, Object> parameters(String name, int value) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put(name, value);
        parameters.put("threads", kernels.threads());
        return parameters;
    }
}
