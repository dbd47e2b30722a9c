package dev.loci.engine;

import dev.loci.model.HitTrace;
import java.util.ArrayList;
import java.util.List;

/// What one memory layer hit in the pass that a token was drawn from.
/// @param hits of each head best first, head by head; two of them may use one row
public record MemoryHits(List<Hit> hits) {
    /// @param row    physical row of the layer's table: the slot that was read
    /// @param weight by how much it counted: the length of the vector of its weights, one a core
    public record Hit(int row, float weight) {}

    public MemoryHits {
        hits = List.copyOf(hits);
    }

    /// Of all layers, in order.
    static List<MemoryHits> of(HitTrace trace, int place) {
        List<MemoryHits> layers = new ArrayList<>(trace.layers());
        for (int layer = 0; layer < trace.layers(); layer++) {
            List<Hit> hits = new ArrayList<>(trace.hits());
            for (int hit = 0; hit < trace.hits(); hit++) {
                hits.add(new Hit(trace.row(place, layer, hit), trace.weight(place, layer, hit)));
            }
            layers.add(new MemoryHits(hits));
        }
        return layers;
    }
}
