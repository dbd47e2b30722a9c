package dev.loci.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Environment variables whose names begin with `LOCI_`. The configuration ignores one that names no key, so a slip of
/// the pen would go unnoticed.
public final class Variables {
    /// Every key of [LociConfig].
    static final List<String> KEYS = List.of(
            "loci.model",
            "loci.model-name",
            "loci.kv.type",
            "loci.kv.memory",
            "loci.activations",
            "loci.kernels.backend",
            "loci.kernels.threads",
            "loci.kernels.max-isa",
            "loci.tables.huge-pages",
            "loci.batch.max-sequences",
            "loci.batch.max-tokens",
            "loci.batch.step-time",
            "loci.queue.max-requests",
            "loci.queue.max-prompt-tokens",
            "loci.prefix-cache.enabled",
            "loci.prefix-cache.persistent.path",
            "loci.prefix-cache.persistent.size",
            "loci.requests.timeout",
            "loci.requests.max-choices",
            "loci.requests.body-memory",
            "loci.shutdown.drain",
            "loci.telemetry.disabled",
            "loci.telemetry.vllm-names",
            "loci.telemetry.otlp.endpoint",
            "loci.telemetry.otlp.protocol",
            "loci.telemetry.traces.sample",
            "loci.telemetry.traces.steps",
            "loci.telemetry.traces.content",
            "loci.telemetry.logs.json",
            "loci.telemetry.logs.otlp",
            "loci.api.keys",
            "loci.api.keys.file",
            "loci.http.head-timeout",
            "loci.http.body-timeout",
            "loci.http.write-timeout");

    private static final String PREFIX = "LOCI_";
    private static final List<String> OTHERS =
            List.of("LOCI_MAX_ISA", "LOCI_DEBUG", "LOCI_JAVA_OPTS", "LOCI_NATIVE_OPTS");

    /// What Kubernetes tells every container about a service whose name begins with `loci`.
    private static final Pattern SERVICE = Pattern.compile(
            "LOCI_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern SERVICE_URL = Pattern.compile("LOCI_(\\w+_)?PORT=(tcp|udp|sctp)://.*");

    private Variables() {}

    /// @throws ConfigException for the first by name that nothing reads
    public static void check(Map<String, String> environment) {
        new TreeMap<>(environment).forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !isKnown(name, value)) {
                throw ConfigException.of(
                        "environment",
                        name,
                        "the variable of a key that loci serve --help lists, such as LOCI_KV_TYPE for loci.kv.type",
                        "none that anything reads");
            }
        });
    }

    private static boolean isKnown(String name, String value) {
        return OTHERS.contains(name)
                || KEYS.stream().anyMatch(key -> variable(key).equals(name))
                || SERVICE.matcher(name).matches()
                || SERVICE_URL.matcher(name + "=" + value).matches();
    }

    private static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    }
}
