package dev.loci.api.openai;

/// The memory layers of a served model.
/// @param rows of each layer's table
/// @param hits of a token in each layer
public record MemoryShape(int layers, long rows, int hits) {}
