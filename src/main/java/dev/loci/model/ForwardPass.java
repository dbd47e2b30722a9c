package dev.loci.model;

import dev.loci.kernel.Hits;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.KvPages;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.StepTokens;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Runs steps of a model: all new tokens of all sequences at once. Used by one thread; borrows model and kernels.
///
/// ```
/// x = embedding[id]
/// for each block:  x += attnOut(attention(qkv(norm(x))))
///                  f  = norm(x);  x += ffnOut(swiglu(ffnIn(f)))
///                  a memory layer that reads here takes f; one that adds here adds its projection to x
/// logits = output(finalNorm(x))
/// ```
/// What comes after the last keys and values is computed only for the tokens after which logits are wanted: of a
/// prompt, the last one at most.
public final class ForwardPass implements AutoCloseable {
    /// Logits of at most this many outputs exist at a time.
    public static final int LOGIT_ROWS = 32;

    private final Model model;
    private final ModelConfig config;
    private final Kernels kernels;
    private final Arena arena;
    private final MemorySegment x;
    private final MemorySegment normed;
    private final MemorySegment qkv;
    private final MemorySegment q;
    private final MemorySegment attended;
    private final MemorySegment activated;
    private final MemorySegment hidden;
    private final MemorySegment logits;
    private final MemorySegment outputPositions;
    private final MemorySegment outputSequences;
    private final boolean narrowsLast;
    private final Optional<MemoryScratch> memory;
    private final RowCounts rows;
    private final HitTrace trace;
    private final FaultWatch faults;
    private StageListener listener = StageListener.NONE;
    private int outputs;

    /// Buffers of a memory layer; layers never overlap, so one set serves them all.
    private record MemoryScratch(MemorySegment queries, Hits hits, MemorySegment pooled) {}

    /// One that looks for no faults.
    /// @param maxTokens tokens of a step at most
    public ForwardPass(Model model, Kernels kernels, int maxTokens) {
        this(model, kernels, maxTokens, new FaultWatch(() -> 0));
    }

    /// @param maxTokens tokens of a step at most
    /// @param memory    knows the faults of gathers; borrowed
    public ForwardPass(Model model, Kernels kernels, int maxTokens, MappedMemory memory) {
        this(model, kernels, maxTokens, new FaultWatch(memory::majorFaults));
    }

    private ForwardPass(Model model, Kernels kernels, int maxTokens, FaultWatch faults) {
        this.faults = faults;
        this.model = model;
        this.config = model.config();
        this.kernels = kernels;
        this.arena = Arena.ofShared();
        this.x = floats(maxTokens, config.width());
        this.normed = floats(maxTokens, config.width());
        this.qkv = floats(maxTokens, config.qkvRows());
        this.q = floats(maxTokens, config.heads() * config.headDim());
        this.attended = floats(maxTokens, config.heads() * config.headDim());
        this.activated = floats(maxTokens, config.ffnInner());
        this.hidden = floats(maxTokens, config.width());
        this.logits = floats(Math.min(maxTokens, LOGIT_ROWS), config.embeddingRows());
        this.outputPositions = arena.allocate(4L * maxTokens, 64);
        this.outputSequences = arena.allocate(4L * maxTokens, 64);
        int last = config.layers() - 1;
        this.narrowsLast = model.readAt(last).isEmpty() && model.addAfter(last).isEmpty();
        this.memory = config.memory().map(shape -> memoryScratch(maxTokens, shape));
        this.rows =
                new RowCounts(config.memory().map(shape -> shape.spans().size()).orElse(0));
        this.trace = config.memory()
                .map(shape -> new HitTrace(shape.spans().size(), shape.hits()))
                .orElseGet(() -> new HitTrace(0, 0));
    }

    /// From the next step on.
    public void listener(StageListener stages) {
        this.listener = stages;
    }

    /// Runs the step and keeps the hidden states of its outputs until the next one.
    public void run(StepBatch batch, KvView cache) {
        int tokens = batch.tokens();
        StepTokens places = batch.places();
        kernels.embed().embed(model.embedding(), batch.ids(), tokens, x);
        listener.ended(Stage.EMBED);
        outputs = batch.outputs();
        boolean narrowed = narrowsLast && outputs < tokens;
        int whole = narrowed ? config.layers() - 1 : config.layers();
        for (int index = 0; index < whole; index++) {
            Block block = model.blocks().get(index);
            project(block, tokens, places, cache.layer(index));
            attend(block, tokens, places, cache.layer(index));
            if (index + 1 < config.layers()) {
                kernels.attention().foresee(places, cache.layer(index + 1));
            }
            feedForward(block, tokens);
            listener.ended(Stage.DENSE);
            Optional<MemoryLayer> reading = model.readAt(index);
            if (reading.isPresent()) {
                read(reading.get(), batch);
                listener.ended(Stage.MEMORY_READ);
            }
            Optional<MemoryLayer> adding = model.addAfter(index);
            if (adding.isPresent()) {
                multiply(memory.orElseThrow().pooled(), tokens, adding.get().valueProjection(), x, true);
                listener.ended(Stage.MEMORY_ADD);
            }
        }
        if (narrowed) {
            Block block = model.blocks().get(whole);
            project(block, tokens, places, cache.layer(whole));
            StepTokens wanted = narrow(batch);
            if (outputs > 0) {
                attend(block, outputs, wanted, cache.layer(whole));
                feedForward(block, outputs);
            }
        }
        long rowBytes = 4L * config.width();
        for (int i = 0; i < outputs; i++) {
            MemorySegment.copy(x, (narrowed ? i : batch.output(i)) * rowBytes, hidden, i * rowBytes, rowBytes);
        }
        if (outputs > 0) {
            kernels.norm().normalize(hidden, outputs, model.finalNorm(), hidden);
        }
        listener.ended(Stage.DENSE);
    }

    /// Moves the rows of the outputs, of `x` and `q`, to the front. They are in ascending order.
    private StepTokens narrow(StepBatch batch) {
        StepTokens places = batch.places();
        for (int i = 0; i < outputs; i++) {
            int from = batch.output(i);
            moveRow(x, config.width(), from, i);
            moveRow(q, config.heads() * config.headDim(), from, i);
            MemorySegment.copy(places.positions(), 4L * from, outputPositions, 4L * i, Integer.BYTES);
            MemorySegment.copy(places.sequences(), 4L * from, outputSequences, 4L * i, Integer.BYTES);
        }
        return new StepTokens(outputPositions, outputSequences, outputs);
    }

    private static void moveRow(MemorySegment rows, int columns, int from, int to) {
        long bytes = 4L * columns;
        if (from != to) {
            MemorySegment.copy(rows, from * bytes, rows, to * bytes, bytes);
        }
    }

    /// Logits of some outputs of the last step, `f32[count][embeddingRows]`, borrowed until the next call.
    /// @param count at most [#LOGIT_ROWS]
    public MemorySegment logits(int first, int count) {
        if (first < 0 || count < 1 || count > LOGIT_ROWS || first > outputs - count) {
            throw new IllegalArgumentException("logits: expected outputs within 0.." + outputs + ", at most "
                    + LOGIT_ROWS + " at a time, found " + count + " from " + first);
        }
        multiply(hidden.asSlice(4L * config.width() * first), count, model.output(), logits, false);
        listener.ended(Stage.LOGITS);
        return logits;
    }

    /// What the memory layers hit for the last step's traced tokens.
    public HitTrace trace() {
        return trace;
    }

    /// Rows that a memory layer has hit since the start, of every step and token. Any thread may ask.
    /// @param layer of the memory layers, from 0
    public long hits(int layer) {
        return rows.hits(layer);
    }

    /// As [#hits], but a row counts once a step, however often the step's tokens hit it.
    public long uniqueRows(int layer) {
        return rows.uniqueRows(layer);
    }

    /// Nanoseconds in which a memory layer gathered and pooled rows.
    public long gatherNanos(int layer) {
        return rows.nanos(layer);
    }

    /// Major faults of the process while a memory layer gathered rows, as far as they were looked for.
    public long gatherFaults(int layer) {
        return rows.faults(layer);
    }

    @Override
    public void close() {
        arena.close();
    }

    /// Keys and values of the tokens go into the cache, their queries into `q`.
    private void project(Block block, int tokens, StepTokens places, KvPages cache) {
        kernels.norm().normalize(x, tokens, block.attnNorm(), normed);
        multiply(normed, tokens, block.qkv(), qkv, false);
        listener.ended(Stage.DENSE);
        kernels.qkv().prepare(qkv, block.qkvShape(), places, cache, q);
        listener.ended(Stage.ATTENTION);
    }

    private void attend(Block block, int tokens, StepTokens places, KvPages cache) {
        kernels.attention().attend(q, config.heads(), places, cache, attended);
        listener.ended(Stage.ATTENTION);
        multiply(attended, tokens, block.attnOut(), x, true);
    }

    private void feedForward(Block block, int tokens) {
        kernels.norm().normalize(x, tokens, block.ffnNorm(), normed);
        kernels.matMul().multiplySwiglu(normed, tokens, block.ffnIn(), model.activations(), activated);
        multiply(activated, tokens, block.ffnOut(), x, true);
    }

    /// Selects and pools rows for the feed-forward input that `normed` still holds.
    private void read(MemoryLayer layer, StepBatch batch) {
        int tokens = batch.tokens();
        MemoryScratch scratch = memory.orElseThrow();
        multiply(normed, tokens, layer.query(), scratch.queries(), false);
        kernels.norm().normalize(scratch.queries(), 2 * tokens, layer.queryNorm(), scratch.queries());
        kernels.retrieval().retrieve(scratch.queries(), tokens, layer.keys(), scratch.hits());
        long start = System.nanoTime();
        faults.begin(start);
        long unique = kernels.pool()
                .pool(layer.table(), scratch.hits(), tokens, layer.keys().groups(), scratch.pooled());
        long end = System.nanoTime();
        long hits = (long) tokens * scratch.hits().hits();
        long missing = faults.end(end, end - start);
        rows.count(layer.index(), hits, unique, end - start, missing);
        listener.gathered(layer.index(), hits, unique, end - start, missing);
        if (batch.traced() > 0) {
            trace.keep(layer.index(), scratch.hits(), batch);
        }
    }

    private void multiply(MemorySegment in, int tokens, Matrix weights, MemorySegment out, boolean add) {
        kernels.matMul().multiply(in, tokens, weights, model.activations(), out, add);
    }

    private MemoryScratch memoryScratch(int maxTokens, ModelConfig.Memory shape) {
        Hits hits = new Hits(
                floats(maxTokens, shape.hits()),
                floats(maxTokens, shape.hits()),
                floats(maxTokens, Math.multiplyExact(shape.hits(), shape.cores())),
                shape.hits(),
                shape.cores());
        return new MemoryScratch(
                floats(maxTokens, 2 * shape.keyDim()),
                hits,
                floats(maxTokens, Math.multiplyExact(shape.groups(), shape.valueDim())));
    }

    private MemorySegment floats(int rows, int columns) {
        return arena.allocate(Math.multiplyExact((long) rows * columns, 4L), 64);
    }
}
