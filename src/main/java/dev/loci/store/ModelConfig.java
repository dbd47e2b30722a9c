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
    }

    /// Rows of the fused q, k, v projection.
    public int qkvRows() {
        return Math.multiplyExact(heads + 2 * kvHeads, headDim);
    }
}
