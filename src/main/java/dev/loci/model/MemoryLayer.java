package dev.loci.model;

import dev.loci.kernel.Matrix;
import dev.loci.kernel.Norm;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.TableRows;
import dev.loci.store.ModelConfig;

/// One UltraMem V1 memory layer.
/// @param index           among the memory layers
/// @param query           `[2 * keyDim, width]`: row half, then column half
/// @param queryNorm       over keyDim, for each half
/// @param valueProjection `[width, groups * valueDim]`
/// @param span            reads the feed-forward input of one block, adds after another
record MemoryLayer(
        int index,
        Matrix query,
        Norm queryNorm,
        RetrievalKeys keys,
        TableRows table,
        Matrix valueProjection,
        ModelConfig.Span span) {}
