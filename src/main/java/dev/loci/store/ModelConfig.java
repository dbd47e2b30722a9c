package dev.loci.store;

import dev.loci.kernel.Norm;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// What `config.json` of a model directory says; the keys are documented in model-store/FORMAT.md.
/// @param source        project whose checkpoint this was: `ultramem`, or `synthetic`
/// @param width         model width (D)
/// @param ffnInner      inner width of the gated feed-forward network, half the rows of its fused input projection
/// @param contextTokens longest sequence
/// @param vocabSize     ids that mean something; the rest of the embedding's rows is padding and never sampled
/// @param norm          kind and eps of every norm of the backbone
/// @param normAffine    whether attention, feed-forward and final norms have a weight
/// @param qkNorm        whether each head of q and k is normalised before the rotation
/// @param qkNormAffine  whether those norms have a weight
/// @param clipQkv       bound of the fused q, k, v, if any
/// @param tiedOutput    whether the output projection is the embedding
/// @param stopTokens    ids that end a generation
/// @param denseType     type of the dense matrices
/// @param memory        the memory layers, if there are any
public record ModelConfig(
        String source,
        int width,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int ffnInner,
        int contextTokens,
        int vocabSize,
        int embeddingRows,
        double ropeTheta,
        Norm.Kind norm,
        float normEps,
        boolean normAffine,
        boolean qkNorm,
        boolean qkNormAffine,
        OptionalDouble clipQkv,
        boolean tiedOutput,
        List<Integer> stopTokens,
        OptionalInt padToken,
        WeightType denseType,
        Optional<Memory> memory) {

    /// UltraMem V1 memory layers.
    /// @param spans     where each layer reads and adds, in order, neither touching nor overlapping
    /// @param axisKeys  keys of one axis that are scored (n')
    /// @param rank      Tucker rank
    /// @param cores     Tucker cores, slices of a value row
    /// @param groups    value projectors (E); `axisKeys * axisKeys == groups * rows`
    /// @param rows      rows of each layer's table (N)
    /// @param valueDim  columns of a row
    /// @param top       hits kept by each head (m)
    /// @param normEps   eps of the RMS norms of queries and keys
    /// @param tableType type of the rows
    public record Memory(
            List<Span> spans,
            int heads,
            int keyDim,
            int axisKeys,
            int rank,
            int cores,
            int groups,
            long rows,
            int valueDim,
            int top,
            float normEps,
            RowType tableType) {
        public Memory {
            spans = List.copyOf(spans);
            Objects.requireNonNull(tableType, "tableType");
            atLeast("memory spans", 1, spans.size());
            atLeast("memory heads", 1, heads);
            atLeast("memory key_dim", 1, keyDim);
            atLeast("memory axis_keys", 1, axisKeys);
            atLeast("memory rank", 1, rank);
            atLeast("memory cores", 1, cores);
            atLeast("memory groups", 1, groups);
            atLeast("memory rows", 1, rows);
            atLeast("memory value_dim", 1, valueDim);
            atLeast("memory top", 1, top);
            within("memory norm_eps", 0, 1, normEps);
            if (top > axisKeys) {
                throw refused("memory top", "at most axis_keys, " + axisKeys, top);
            }
            long virtualSlots = (long) axisKeys * axisKeys;
            if (virtualSlots > Integer.MAX_VALUE) {
                throw refused("memory axis_keys", "a square below 2^31", axisKeys);
            }
            if (virtualSlots % groups != 0 || virtualSlots / groups != rows) {
                throw refused("memory rows", "axis_keys squared by groups, " + virtualSlots + " / " + groups, rows);
            }
            if (valueDim % cores != 0) {
                throw refused("memory value_dim", "a multiple of cores, " + cores, valueDim);
            }
            new TableLayout(tableType, valueDim);
            int free = 0;
            for (Span span : spans) {
                if (span.read() < free || span.add() < span.read()) {
                    throw refused("memory spans", "a read from " + free + " on and no add before it", span);
                }
                free = span.add() + 1;
            }
        }

        /// Addresses before the shuffle: `groups * rows`.
        public long virtualSlots() {
            return (long) axisKeys * axisKeys;
        }

        public TableLayout table() {
            return new TableLayout(tableType, valueDim);
        }

        /// Rows that one token reads in one layer.
        public int hits() {
            return Math.multiplyExact(heads, top);
        }
    }

    /// A memory layer takes the feed-forward input of block `read`; its output is added after block `add >= read`.
    public record Span(int read, int add) {}

    public ModelConfig {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(norm, "norm");
        Objects.requireNonNull(denseType, "denseType");
        stopTokens = List.copyOf(stopTokens);
        atLeast("width", 1, width);
        atLeast("layers", 1, layers);
        atLeast("heads", 1, heads);
        atLeast("kv_heads", 1, kvHeads);
        atLeast("head_dim", 2, headDim);
        atLeast("ffn_inner", 1, ffnInner);
        atLeast("context_tokens", 1, contextTokens);
        atLeast("vocab_size", 1, vocabSize);
        atLeast("embedding_rows", vocabSize, embeddingRows);
        if (heads % kvHeads != 0) {
            throw refused("kv_heads", "a divisor of heads, " + heads, kvHeads);
        }
        if ((long) heads * headDim != width) {
            throw refused("head_dim", "width by heads, " + width + " / " + heads, headDim);
        }
        if (headDim % 2 != 0) {
            throw refused("head_dim", "an even number, for the rotation", headDim);
        }
        within("rope_theta", 1, 1e12, ropeTheta);
        within("norm_eps", 0, 1, normEps);
        clipQkv.ifPresent(clip -> within("clip_qkv", Double.MIN_NORMAL, Float.MAX_VALUE, clip));
        for (int token : stopTokens) {
            checkToken("stop_tokens", token, vocabSize);
        }
        padToken.ifPresent(token -> checkToken("pad_token", token, embeddingRows));
        memory.ifPresent(found -> {
            int last = found.spans().getLast().add();
            if (last >= layers) {
                throw refused("memory spans", "blocks below " + layers, last);
            }
        });
    }

    private static void checkToken(String key, int token, int below) {
        if (token < 0 || token >= below) {
            throw refused(key, "ids below " + below, token);
        }
    }

    private static void atLeast(String key, long least, long found) {
        if (found < least) {
            throw refused(key, "at least " + least, found);
        }
    }

    private static void within(String key, double least, double most, double found) {
        if (!(found >= least && found <= most)) {
            throw refused(key, least + " to " + most, found);
        }
    }

    private static IllegalArgumentException refused(String key, String expected, Object found) {
        return new IllegalArgumentException(key + ": expected " + expected + ", found " + found);
    }

    /// Rows of the fused q, k, v projection.
    public int qkvRows() {
        return Math.multiplyExact(heads + 2 * kvHeads, headDim);
    }
}
