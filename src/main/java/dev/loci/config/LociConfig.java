package dev.loci.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.util.Optional;

/// The keys that begin with `loci.`; a nested name follows after a point, a word after a dash.
@ConfigMapping(prefix = "loci")
public interface LociConfig {
    /// Directory of the model.
    @WithDefault("model-store/loci-mini")
    String model();

    /// Name by which clients ask for the model; the directory's name by default.
    Optional<String> modelName();

    Kv kv();

    /// `auto` lets int8 weights use int8 activations; `f32` never does.
    @WithDefault("auto")
    String activations();

    Kernels kernels();

    Tables tables();

    Batch batch();

    Queue queue();

    PrefixCache prefixCache();

    Requests requests();

    Shutdown shutdown();

    Telemetry telemetry();

    Api api();

    Http http();

    /// The KV cache.
    interface Kv {
        /// `f32`, `f16`, `bf16`, `int8`; `auto` is f32 for f32 weights, otherwise f16.
        @WithDefault("auto")
        String type();

        /// Bytes, with `k`, `m`, `g` or `t` for powers of 1024; `auto` for what whole contexts need.
        @WithDefault("auto")
        String memory();
    }

    interface Kernels {
        /// `native`, `scalar`; `auto` falls back from the one to the other.
        @WithDefault("auto")
        String backend();

        /// Threads of one op; 0 for as many as there are cores.
        @WithDefault("0")
        String threads();

        /// `generic`, `avx2`, `avx512`, `amx`: the highest instruction set to use. The environment variable
        /// `LOCI_MAX_ISA` by default.
        @WithDefault("${LOCI_MAX_ISA:}")
        Optional<String> maxIsa();
    }

    /// Value tables.
    interface Tables {
        /// `auto`, `off`, `on` (huge pages are asked for) or `copy` (into huge pages, at the start).
        @WithDefault("off")
        String hugePages();
    }

    interface Batch {
        /// Sequences in one step at most.
        @WithDefault("32")
        String maxSequences();

        /// New tokens in one step at most.
        @WithDefault("256")
        String maxTokens();

        /// How long a step may take while others run or wait, such as `30ms`: longer prompts are read in shorter
        /// pieces then; `none` for no limit.
        @WithDefault("30ms")
        String stepTime();
    }

    interface Queue {
        /// Requests that wait at most.
        @WithDefault("1024")
        String maxRequests();

        /// Prompt tokens of all requests that wait at most.
        @WithDefault("1048576")
        String maxPromptTokens();
    }

    /// Keys and values of prompts, kept for later prompts that begin alike.
    interface PrefixCache {
        /// `true` or `false`.
        @WithDefault("true")
        String enabled();

        Persistent persistent();

        /// Pages of common prompts that survive a restart.
        interface Persistent {
            /// Folder of its files; off without one. Several processes of a host may share it.
            Optional<String> path();

            /// Bytes of one file at most; models whose pages differ in size have files of their own.
            @WithDefault("1g")
            String size();
        }
    }

    interface Requests {
        /// From a request's arrival to its last token, such as `500ms`, `30s`, `5m` or `1h`; `none` for no end.
        @WithDefault("none")
        String timeout();

        /// Generations of one prompt at most: the largest `n` and `best_of`.
        @WithDefault("16")
        String maxChoices();

        /// Memory of all bodies together that are being read and decoded, with `k`, `m`, `g` or `t`; `auto` is a
        /// quarter of the heap.
        @WithDefault("auto")
        String bodyMemory();
    }

    interface Shutdown {
        /// How long requests under way may go on when the server is told to stop.
        @WithDefault("30s")
        String drain();
    }

    /// Metrics, traces, logs.
    interface Telemetry {
        /// `true` or `false`: nothing is measured or told then.
        @WithDefault("${OTEL_SDK_DISABLED:false}")
        String disabled();

        /// `true` or `false`: vLLM's names in `/q/metrics` beside Loci's.
        @WithDefault("true")
        String vllmNames();

        Otlp otlp();

        Traces traces();

        Logs logs();

        /// Where traces and metrics are sent to.
        interface Otlp {
            /// Such as `http://collector:4318`; without one, nothing is sent.
            @WithDefault("${OTEL_EXPORTER_OTLP_ENDPOINT:}")
            Optional<String> endpoint();

            /// `http/protobuf` or `grpc`.
            @WithDefault("${OTEL_EXPORTER_OTLP_PROTOCOL:http/protobuf}")
            String protocol();
        }

        interface Traces {
            /// Share of the traces that are recorded where the caller has not decided, 0 to 1.
            @WithDefault("1")
            String sample();

            /// `true` or `false`: spans for the steps that serve a recorded request, and events for gathers.
            @WithDefault("false")
            String steps();

            /// `true` or `false`: prompts in spans.
            @WithDefault("false")
            String content();
        }

        interface Logs {
            /// `true` or `false`: one JSON object a line, with the ids of trace and span.
            @WithDefault("false")
            String json();

            /// `true` or `false`: logs are sent where traces go.
            @WithDefault("false")
            String otlp();
        }
    }

    /// Who may use the API.
    interface Api {
        /// Keys, with commas between them, one of which each request must show; `none` is open to everybody. No
        /// Optional: that would be empty, and the server open, where a value cannot be expanded.
        @WithDefault("none")
        String keys();

        /// File with one key a line, read again when it changes; `#` begins a comment.
        @WithName("keys.file")
        @WithDefault("none")
        String keysFile();
    }

    /// Connections.
    interface Http {
        /// How long a connection may be without a whole head of a request, idle or slow.
        @WithDefault("75s")
        String headTimeout();

        /// How long the body of a request may take to arrive.
        @WithDefault("5m")
        String bodyTimeout();

        /// How long a client may read nothing of an answer that waits for it.
        @WithDefault("60s")
        String writeTimeout();
    }
}
