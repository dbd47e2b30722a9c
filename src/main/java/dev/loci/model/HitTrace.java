package dev.loci.model;

import dev.loci.kernel.Hits;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// What the memory layers hit for the tokens of a step whose hits were asked for ([StepBatch#traceLast]). Valid until
/// the next step; used by the thread that runs it.
public final class HitTrace {
    private final int layers;
    private final int hits;
    private final List<int[]> rows = new ArrayList<>();
    private final List<float[]> weights = new ArrayList<>();

    /// @param hits of a token in each layer
    HitTrace(int layers, int hits) {
        this.layers = layers;
        this.hits = hits;
    }

    public int layers() {
        return layers;
    }

    /// Hits of a token in each layer.
    public int hits() {
        return hits;
    }

    /// Physical row of the layer's table that a hit used. Hits of one head are given best first, head by head; two of
    /// them may use one row, for different groups.
    /// @param place what [StepBatch#traceLast] gave
    public int row(int place, int layer, int hit) {
        return rows.get(place)[layer * hits + hit];
    }

    /// Length of the vector of a hit's weights, which has one for each core: by how much the row counted.
    public float weight(int place, int layer, int hit) {
        return weights.get(place)[layer * hits + hit];
    }

    /// Copies the hits of the traced tokens of one layer.
    void keep(int layer, Hits found, StepBatch batch) {
        for (int place = 0; place < batch.traced(); place++) {
            if (place == rows.size()) {
                rows.add(new int[layers * hits]);
                weights.add(new float[layers * hits]);
            }
            long first = (long) batch.traced(place) * hits;
            for (int hit = 0; hit < hits; hit++) {
                int to = layer * hits + hit;
                rows.get(place)[to] = found.rows().getAtIndex(ValueLayout.JAVA_INT, first + hit);
                weights.get(place)[to] = length(found, first + hit);
            }
        }
    }

    private static float length(Hits found, long hit) {
        double squares = 0;
        for (int core = 0; core < found.coreCount(); core++) {
            double weight = found.weights().getAtIndex(ValueLayout.JAVA_FLOAT, hit * found.coreCount() + core);
            squares += weight * weight;
        }
        return (float) Math.sqrt(squares);
    }
}
