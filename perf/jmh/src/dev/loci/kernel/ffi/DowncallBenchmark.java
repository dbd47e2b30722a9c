package dev.loci.kernel.ffi;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.Norm;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
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

/// What does a call into C cost, its struct written and checked? Norms of no row do nothing else; one row of 16 is the
/// least work that there is. Of an op of any size this is the part that Java adds.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DowncallBenchmark {
    private static final int DIM = 16;

    @Param({"0", "1"})
    public int rows;

    private Arena arena;
    private Kernels kernels;
    private Norm norm;
    private MemorySegment x;

    @Setup
    public void open() {
        arena = Arena.ofShared();
        kernels = KernelSelector.open(new KernelOptions(KernelBackend.NATIVE, 1, Optional.empty()))
                .kernels();
        norm = new Norm(Norm.Kind.RMS, MemorySegment.NULL, DIM, 1e-5f);
        x = arena.allocate(4L * DIM * Math.max(1, rows), 64);
    }

    @TearDown
    public void close() {
        kernels.close();
        arena.close();
    }

    @Benchmark
    public void norm() {
        kernels.norm().normalize(x, rows, norm, x);
    }
}
