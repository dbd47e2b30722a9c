package dev.loci.perf;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What Loci says of its engine at `/q/stats`; other servers have no such page.
record EngineCounters(
        long steps,
        long tokens,
        long promptTokens,
        long cachedTokens,
        long generated,
        long forcedTokens,
        long preemptions,
        long weightBytes,
        long hits,
        long uniqueRows,
        long tableBytes,
        long pages,
        long freePages,
        long cachedPages,
        long running,
        long waiting,
        long stepNanos,
        long betweenNanos) {
    static Optional<EngineCounters> read(Http http) {
        try {
            Http.Reply reply = http.get("/q/stats");
            Object stats = reply.status() == 200 ? Json.parse(reply.body()) : null;
            return Json.at(stats, "steps") == null ? Optional.empty() : Optional.of(of(stats));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static EngineCounters of(Object stats) {
        long hits = 0;
        long uniqueRows = 0;
        long bytes = 0;
        for (Object table : Json.at(stats, "tables") instanceof List<?> tables ? tables : List.of()) {
            hits += Json.whole(table, "hits");
            uniqueRows += Json.whole(table, "unique_rows");
            bytes += Json.whole(table, "bytes");
        }
        return new EngineCounters(
                Json.whole(stats, "steps"),
                Json.whole(stats, "tokens"),
                Json.whole(stats, "prompt_tokens"),
                Json.whole(stats, "cached_tokens"),
                Json.whole(stats, "generated"),
                Json.whole(stats, "forced_tokens"),
                Json.whole(stats, "preemptions"),
                Json.whole(stats, "weight_bytes"),
                hits,
                uniqueRows,
                bytes,
                Json.whole(stats, "pages"),
                Json.whole(stats, "free_pages"),
                Json.whole(stats, "cached_pages"),
                Json.whole(stats, "running"),
                Json.whole(stats, "waiting"),
                Json.whole(stats, "step_nanos"),
                Json.whole(stats, "between_nanos"));
    }

    /// What happened since an earlier reading, for each token where that says more.
    Map<String, Object> since(EngineCounters earlier) {
        double steps = this.steps - earlier.steps;
        double tokens = this.tokens - earlier.tokens;
        double generated = this.generated - earlier.generated;
        double weights = weightBytes - earlier.weightBytes;
        double rows = tableBytes - earlier.tableBytes;
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("steps", (long) steps);
        figures.put("tokens_per_step", tokens / steps);
        figures.put("weight_bytes_per_token", weights / tokens);
        figures.put("table_bytes_per_token", rows / tokens);
        figures.put("bytes_per_output_token", (weights + rows) / generated);
        figures.put("row_hits_per_token", (hits - earlier.hits) / tokens);
        figures.put("unique_rows_per_token", (uniqueRows - earlier.uniqueRows) / tokens);
        figures.put("prompt_tokens", promptTokens - earlier.promptTokens);
        figures.put("prefix_hit_tokens", cachedTokens - earlier.cachedTokens);
        figures.put("forced_share", (forcedTokens - earlier.forcedTokens) / generated);
        figures.put("preemptions", preemptions - earlier.preemptions);
        figures.put("step_ms", (stepNanos - earlier.stepNanos) / 1e6 / steps);
        figures.put("between_steps_ms", (betweenNanos - earlier.betweenNanos) / 1e6 / steps);
        return figures;
    }
}
