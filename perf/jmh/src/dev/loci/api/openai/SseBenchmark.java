package dev.loci.api.openai;

import dev.loci.engine.Generator;
import dev.loci.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
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

/// What do the bytes of a token's event cost? `framed` is what a stream does for text alone: what stands before and
/// after it was made once. `written` makes the whole JSON, as for a chunk with a finish reason.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SseBenchmark {
    @Param({" thirteen", "\"\\n\u00e9\u4e16\u754c"})
    public String text;

    private Tokenizer tokenizer;
    private ChatFormat format;
    private Piece piece;

    @Setup
    public void open() {
        tokenizer = Tokenizer.open(Path.of(System.getProperty("loci.root"), "model-store/loci-mini/tokenizer.json"));
        Generator none = (_, _) -> {
            throw new IllegalStateException("nothing is generated here");
        };
        ServedModel model = new ServedModel(
                "loci-mini", 0, none, tokenizer, Optional.empty(), 1024, tokenizer.size(), "fp_0123456789abcdef");
        Order order = new Order(Order.Kind.CHAT, List.of(), Copies.ONE, List.of(), false, true, false);
        format = new ChatFormat(order, model);
        piece = new Piece(text, List.of(), Optional.empty());
    }

    @TearDown
    public void close() {
        tokenizer.close();
    }

    @Benchmark
    public byte[] framed() {
        return format.event(0, piece);
    }

    @Benchmark
    public byte[] written() {
        return ServerSentEvents.event(format.chunk(0, piece));
    }
}
