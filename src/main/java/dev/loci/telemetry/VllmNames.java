package dev.loci.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The same figures under the names that routers, autoscalers and dashboards made for vLLM look for. Buckets are
/// Loci's.
final class VllmNames {
    private static final AttributeKey<String> MODEL_NAME = AttributeKey.stringKey("model_name");
    private static final AttributeKey<String> ENGINE = AttributeKey.stringKey("engine");
    private static final Map<String, String> REASONS = Map.of("cancelled", "abort");

    /// @param name   vLLM's
    /// @param source Loci's, as Prometheus has it
    /// @param only   an attribute that a point must have this value of; an empty value: must not have it
    /// @param kept   attributes that become labels, by the names that those have
    private record Alias(
            String name,
            String source,
            Optional<Map.Entry<AttributeKey<String>, String>> only,
            Map<String, String> kept) {
        static Alias of(String name, String source) {
            return new Alias(name, source, Optional.empty(), Map.of());
        }

        static Alias of(String name, String source, AttributeKey<String> key, String value) {
            return new Alias(name, source, Optional.of(Map.entry(key, value)), Map.of());
        }
    }

    private static final List<Alias> ALIASES = List.of(
            Alias.of("vllm:num_requests_running", "loci_engine_requests_running"),
            Alias.of("vllm:num_requests_waiting", "loci_engine_requests_waiting"),
            Alias.of("vllm:kv_cache_usage_perc", "loci_kv_usage_ratio"),
            new Alias(
                    "vllm:cache_config_info",
                    "loci_kv_info",
                    Optional.empty(),
                    Map.of("page_tokens", "block_size", "pages", "num_gpu_blocks", "kv_type", "cache_dtype")),
            Alias.of("vllm:prompt_tokens_total", "loci_engine_tokens_total", Names.KIND, "prompt"),
            Alias.of("vllm:generation_tokens_total", "loci_engine_tokens_total", Names.KIND, "generated"),
            new Alias(
                    "vllm:request_success_total",
                    "loci_generations_finished_total",
                    Optional.empty(),
                    Map.of("reason", "finished_reason")),
            Alias.of("vllm:num_preemptions_total", "loci_engine_preemptions_total"),
            Alias.of("vllm:prefix_cache_queries_total", "loci_prefix_cache_queries_total"),
            Alias.of("vllm:prefix_cache_hits_total", "loci_prefix_cache_hits_total"),
            Alias.of("vllm:time_to_first_token_seconds", "gen_ai_server_time_to_first_token_seconds"),
            Alias.of("vllm:inter_token_latency_seconds", "loci_engine_token_gap_seconds"),
            Alias.of("vllm:time_per_output_token_seconds", "loci_engine_token_gap_seconds"),
            Alias.of("vllm:request_time_per_output_token_seconds", "loci_request_time_per_output_token_seconds"),
            Alias.of(
                    "vllm:e2e_request_latency_seconds", "gen_ai_server_request_duration_seconds", Names.ERROR_TYPE, ""),
            Alias.of("vllm:request_queue_time_seconds", "loci_request_queue_duration_seconds"),
            Alias.of("vllm:request_prefill_time_seconds", "loci_request_prefill_duration_seconds"),
            Alias.of("vllm:request_decode_time_seconds", "loci_request_decode_duration_seconds"),
            Alias.of("vllm:request_inference_time_seconds", "loci_request_inference_duration_seconds"),
            Alias.of("vllm:request_prompt_tokens", "gen_ai_client_token_usage", Names.TOKEN_TYPE, Names.INPUT),
            Alias.of("vllm:request_generation_tokens", "gen_ai_client_token_usage", Names.TOKEN_TYPE, Names.OUTPUT),
            Alias.of("vllm:request_params_n", "loci_request_choices"),
            Alias.of("vllm:request_params_max_tokens", "loci_request_max_tokens"),
            Alias.of("vllm:iteration_tokens_total", "loci_engine_step_tokens"));

    private VllmNames() {}

    /// @param families Loci's, by name
    static List<Family> of(Map<String, Family> families) {
        List<Family> out = new ArrayList<>();
        for (Alias alias : ALIASES) {
            Optional.ofNullable(families.get(alias.source())).ifPresent(family -> out.add(of(alias, family)));
        }
        return out;
    }

    /// Points that differ in attributes alone that are left out are added up.
    private static Family of(Alias alias, Family family) {
        List<Family.Point> points = new ArrayList<>();
        for (Family.Point point : family.points()) {
            if (!alias.only().map(only -> matches(point, only)).orElse(true)) {
                continue;
            }
            Attributes labels = labels(alias, point.attributes());
            int same = -1;
            for (int i = 0; i < points.size(); i++) {
                same = points.get(i).attributes().equals(labels) ? i : same;
            }
            if (same < 0) {
                points.add(relabelled(point, labels));
            } else {
                points.set(same, sum(points.get(same), point));
            }
        }
        return new Family(alias.name(), family.type(), family.help(), points);
    }

    private static boolean matches(Family.Point point, Map.Entry<AttributeKey<String>, String> only) {
        String found = point.attributes().get(only.getKey());
        return only.getValue().isEmpty() ? found == null : only.getValue().equals(found);
    }

    private static Attributes labels(Alias alias, Attributes attributes) {
        AttributesBuilder labels = Attributes.builder().put(ENGINE, "0");
        attributes.forEach((key, value) -> {
            String text = String.valueOf(value);
            if (key.equals(Names.MODEL) || key.equals(Names.RESPONSE_MODEL)) {
                labels.put(MODEL_NAME, text);
            } else if (alias.kept().containsKey(key.getKey())) {
                labels.put(AttributeKey.stringKey(alias.kept().get(key.getKey())), REASONS.getOrDefault(text, text));
            }
        });
        return labels.build();
    }

    private static Family.Point relabelled(Family.Point point, Attributes labels) {
        return switch (point) {
            case Family.Value value -> new Family.Value(labels, value.value());
            case Family.Buckets buckets ->
                new Family.Buckets(labels, buckets.bounds(), buckets.counts(), buckets.sum());
        };
    }

    private static Family.Point sum(Family.Point one, Family.Point other) {
        if (one instanceof Family.Value first && other instanceof Family.Value second) {
            return new Family.Value(first.attributes(), first.value() + second.value());
        }
        Family.Buckets first = (Family.Buckets) one;
        Family.Buckets second = (Family.Buckets) other;
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < first.counts().size(); i++) {
            counts.add(first.counts().get(i) + second.counts().get(i));
        }
        return new Family.Buckets(first.attributes(), first.bounds(), counts, first.sum() + second.sum());
    }
}
