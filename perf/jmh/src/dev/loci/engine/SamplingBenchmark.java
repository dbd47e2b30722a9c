package dev.loci.engine;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What does the engine add to the sampling kernel? The kernel's own time grows with `vocabulary`, what Java does does
/// not: 64 ids cost little else. `rows` are the sequences of a step, for all of whom there is one call.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SamplingBenchmark {
    private static final int[] NONE = {};

    @Param({"64", "16384"})
    public int vocabulary;

    @Param({"1", "16"})
    public int rows;

    @Param({"greedy", "top-p"})
    public String how;

    private Arena arena;
    private Kernels kernels;
    private BatchSampler sampler;
    private MemorySegment logits;
    private Sampling sampling;
    private int[] sequence;
    private long number;

    @Setup
    public void open() {
        arena = Arena.ofShared();
        kernels = KernelSelector.open(new KernelOptions(KernelBackend.NATIVE, 1, Optional.empty()))
                .kernels();
        sampler = new BatchSampler(kernels, vocabulary, vocabulary, rows);
        logits = arena.allocate(4L * vocabulary * rows, 64);
        SplittableRandom random = new SplittableRandom(1);
        for (long i = 0; i < (long) vocabulary * rows; i++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (4 * random.nextGaussian()));
        }
        sampling = how.equals("greedy") ? Sampling.GREEDY : new Sampling(0.8, 0.95, 0, 0, 7);
        sequence = new int[128];
    }

    @TearDown
    public void close() {
        sampler.close();
        kernels.close();
        arena.close();
    }

    @Benchmark
    public int step() {
        sampler.clear();
        for (int row = 0; row < rows; row++) {
            sampler.draw(sampling, number++, sequence, 64, 128, -1, NONE);
        }
        sampler.run(logits);
        int sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += sampler.id(row);
        }
        return sum;
    }
}
