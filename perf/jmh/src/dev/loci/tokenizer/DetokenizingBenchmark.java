package dev.loci.tokenizer;

import java.nio.file.Path;
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

/// What does a token's text cost? Ids of English text, and random ones, of which many are parts of characters: the
/// decoder holds those back. The stream never ends: the time for an id must not grow with it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DetokenizingBenchmark {
    private static final String TEXT = "It was a bright cold day in April, and the clocks were striking thirteen. ";

    @Param({"text", "random"})
    public String ids;

    private Tokenizer tokenizer;
    private StreamingDecoder decoder;
    private int[] stream;
    private int at;

    @Setup
    public void open() {
        tokenizer = Tokenizer.open(Path.of(System.getProperty("loci.root"), "model-store/loci-mini/tokenizer.json"));
        decoder = tokenizer.streamingDecoder();
        stream = ids.equals("text")
                ? tokenizer.encodePlain(TEXT)
                : new SplittableRandom(1).ints(1000, 0, tokenizer.size()).toArray();
    }

    @TearDown
    public void close() {
        tokenizer.close();
    }

    @Benchmark
    public String push() {
        at = at + 1 == stream.length ? 0 : at + 1;
        return decoder.push(stream[at]);
    }
}
