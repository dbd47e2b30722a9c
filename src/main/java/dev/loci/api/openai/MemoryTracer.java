package dev.loci.api.openai;

import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.MemoryHits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tells what the memory layers hit for the tokens of one generation, and which rows several of them hit. What it
/// writes and keeps is bounded by the rows of a token, those of a summary, and the tokens of an answer.
final class MemoryTracer {
    /// Of a token and layer, those that counted most.
    static final int MOST_ROWS = 64;

    /// Of a layer, those that most tokens hit.
    static final int MOST_SHARED = 64;

    /// New tokens of an answer, all choices together.
    static final int MOST_TOKENS = 4096;

    private final List<Map<Integer, Integer>> tokensByRow = new ArrayList<>();

    /// Refuses a trace of more tokens than an answer may have.
    static void check(List<GenerationRequest> generations) {
        long tokens = generations.stream()
                .filter(GenerationRequest::memoryTrace)
                .mapToLong(GenerationRequest::maxTokens)
                .sum();
        if (tokens > MOST_TOKENS) {
            throw ApiException.invalid(
                    "memory_trace",
                    "an answer of at most " + MOST_TOKENS + " new tokens, as max_tokens says",
                    String.valueOf(tokens));
        }
    }

    Wire.MemoryTrace on(GenerationEvent.Token token) {
        List<Wire.LayerTrace> layers = new ArrayList<>();
        for (int layer = 0; layer < token.memory().size(); layer++) {
            if (layer == tokensByRow.size()) {
                tokensByRow.add(new HashMap<>());
            }
            layers.add(layer(token.memory().get(layer), tokensByRow.get(layer)));
        }
        return new Wire.MemoryTrace(List.of(new Wire.TokenTrace(token.id(), layers)), Optional.empty());
    }

    private static Wire.LayerTrace layer(MemoryHits memory, Map<Integer, Integer> counts) {
        List<Map.Entry<Integer, Float>> strongest = strongest(memory);
        List<Integer> rows = new ArrayList<>();
        List<Float> weights = new ArrayList<>();
        List<Integer> earlier = new ArrayList<>();
        for (Map.Entry<Integer, Float> each : strongest) {
            rows.add(each.getKey());
            weights.add(each.getValue());
            earlier.add(counts.merge(each.getKey(), 1, Integer::sum) - 1);
        }
        return new Wire.LayerTrace(memory.hits().size(), rows, weights, earlier);
    }

    /// Distinct rows with the largest weight of their hits, largest first; of equals, the earlier hit.
    private static List<Map.Entry<Integer, Float>> strongest(MemoryHits memory) {
        Map<Integer, Float> weights = new LinkedHashMap<>();
        for (MemoryHits.Hit hit : memory.hits()) {
            weights.merge(hit.row(), hit.weight(), Math::max);
        }
        return weights.entrySet().stream()
                .sorted(Map.Entry.<Integer, Float>comparingByValue().reversed())
                .limit(MOST_ROWS)
                .toList();
    }

    /// The sum of all tokens so far.
    Wire.MemoryTrace end() {
        return new Wire.MemoryTrace(
                List.of(),
                Optional.of(tokensByRow.stream().map(MemoryTracer::sum).toList()));
    }

    private static Wire.LayerSum sum(Map<Integer, Integer> counts) {
        List<Wire.SharedRow> shared = counts.entrySet().stream()
                .filter(each -> each.getValue() > 1)
                .map(each -> new Wire.SharedRow(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingInt(Wire.SharedRow::tokens)
                        .reversed()
                        .thenComparingInt(Wire.SharedRow::row))
                .toList();
        return new Wire.LayerSum(counts.size(), shared.size(), shared.subList(0, Math.min(MOST_SHARED, shared.size())));
    }
}
