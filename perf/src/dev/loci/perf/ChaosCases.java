package dev.loci.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Draws requests of every kind. What the server does not serve yet is asked once at the start and then left out.
final class ChaosCases {
    private static final int VOCAB = 16384;
    private static final int CONTEXT = 1024;
    private static final int REFERENCES = 24;
    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";

    /// A wrong field: its JSON, and the parameter that the error names; empty where it names none or another.
    private record Mistake(String name, String value, String param) {}

    private static final List<Mistake> MISTAKES = List.of(
            new Mistake("temperature", "-1", "temperature"),
            new Mistake("temperature", "2.1", "temperature"),
            new Mistake("temperature", "\"hot\"", "temperature"),
            new Mistake("top_p", "0", "top_p"),
            new Mistake("top_p", "1.5", "top_p"),
            new Mistake("top_k", "-2", "top_k"),
            new Mistake("min_p", "2", "min_p"),
            new Mistake("max_tokens", "-1", "max_tokens"),
            new Mistake("max_tokens", "1.5", "max_tokens"),
            new Mistake("max_tokens", "\"many\"", "max_tokens"),
            new Mistake("max_tokens", "100000", "max_tokens"),
            new Mistake("n", "0", "n"),
            new Mistake("n", "\"two\"", "n"),
            new Mistake("best_of", "-1", "best_of"),
            new Mistake("logprobs", "99", "logprobs"),
            new Mistake("seed", "\"a\"", "seed"),
            new Mistake("seed", "1e30", "seed"),
            new Mistake("stop", "[\"\"]", "stop"),
            new Mistake("stop", "7", "stop"),
            new Mistake("stop_token_ids", "[-1]", "stop_token_ids[0]"),
            new Mistake("stop_token_ids", "[99999999]", "stop_token_ids[0]"),
            new Mistake("presence_penalty", "3", "presence_penalty"),
            new Mistake("frequency_penalty", "-2.5", "frequency_penalty"),
            new Mistake("repetition_penalty", "0", "repetition_penalty"),
            new Mistake("logit_bias", "{\"1\":1000}", ""),
            new Mistake("logit_bias", "{\"one\":1}", ""),
            new Mistake("logit_bias", "[]", "logit_bias"),
            new Mistake("priority", "\"high\"", "priority"),
            new Mistake("min_tokens", "-3", "min_tokens"),
            new Mistake("min_tokens", "5000", ""),
            new Mistake("ignore_eos", "1", "ignore_eos"),
            new Mistake("stream", "\"yes\"", "stream"),
            new Mistake("stream_options", "7", ""),
            new Mistake("echo", "\"yes\"", "echo"),
            new Mistake("prompt", "[]", "prompt"),
            new Mistake("prompt", "[99999999]", "prompt[0]"),
            new Mistake("prompt", "[-5]", "prompt[0]"),
            new Mistake("prompt", "{}", "prompt"),
            new Mistake("prompt", "\"\"", "prompt"),
            new Mistake("prompt", "[[1,2],\"three\"]", "prompt[1]"),
            new Mistake("no_such_field", "1", "no_such_field"));

    /// What a server may not have: a field, and a value of it that asks for something.
    private static final Map<String, String> FEATURES = new LinkedHashMap<>();

    static {
        FEATURES.put("n", "2");
        FEATURES.put("best_of", "2");
        FEATURES.put("priority", "3");
        FEATURES.put("min_tokens", "1");
        FEATURES.put("presence_penalty", "0.5");
        FEATURES.put("frequency_penalty", "0.5");
        FEATURES.put("repetition_penalty", "1.1");
        FEATURES.put("logit_bias", "{\"100\":-5}");
    }

    /// A request whose text is known, because it was sent when the server did nothing else.
    private record Reference(String fields, int maxTokens, String text) {}

    private final String model;
    private final long seed;
    private final List<String> served = new ArrayList<>();
    private final List<String> unserved = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();

    private ChaosCases(String model, long seed) {
        this.model = model;
        this.seed = seed;
    }

    static ChaosCases probe(Http http, String model, long seed) throws IOException {
        ChaosCases cases = new ChaosCases(model, seed);
        for (Map.Entry<String, String> feature : FEATURES.entrySet()) {
            String body =
                    cases.body(field(feature.getKey(), feature.getValue()) + ",\"prompt\":[100,200],\"max_tokens\":4");
            int status = http.whole(http.post(COMPLETIONS, "", body)).status();
            (status == 200 ? cases.served : cases.unserved).add(feature.getKey());
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < REFERENCES; i++) {
            int tokens = 4 + random.nextInt(60);
            String fields = "\"prompt\":" + ids(random, 1 + random.nextInt(300)) + ",\"max_tokens\":" + tokens
                    + ",\"ignore_eos\":true,\"seed\":" + i + ",\"temperature\":" + (i % 2 == 0 ? "0" : "0.9");
            Http.Reply reply = http.whole(http.post(COMPLETIONS, "", cases.body(fields)));
            if (reply.status() == 200
                    && Json.at(Json.parse(reply.body()), "choices", 0, "text") instanceof String text) {
                cases.references.add(new Reference(fields, tokens, text));
            } else {
                throw new Arguments.Wrong("a plain request: expected an answer, found " + reply.body());
            }
        }
        return cases;
    }

    /// Fields of which the server refuses every use.
    Optional<String> unserved() {
        return unserved.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", unserved));
    }

    ChaosCase draw(int index) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index);
        double kind = random.nextDouble();
        return kind < 0.15
                ? mistake(random)
                : kind < 0.2 ? broken(random) : kind < 0.35 ? reference(random) : right(random);
    }

    private ChaosCase mistake(SplittableRandom random) {
        Mistake mistake = MISTAKES.get(random.nextInt(MISTAKES.size()));
        StringBuilder fields = new StringBuilder(field(mistake.name(), mistake.value()));
        add(fields, mistake, "prompt", ids(random, 1 + random.nextInt(64)));
        add(fields, mistake, "max_tokens", "4");
        boolean stream = random.nextBoolean() && !mistake.name().startsWith("stream");
        if (stream) {
            fields.append(",\"stream\":true");
        }
        Optional<String> param = mistake.param().isEmpty() ? Optional.empty() : Optional.of(mistake.param());
        return refused(COMPLETIONS, key(random), body(fields.toString()), stream, 400, param);
    }

    private static void add(StringBuilder fields, Mistake mistake, String name, String value) {
        if (!mistake.name().equals(name)) {
            fields.append(',').append(field(name, value));
        }
    }

    /// Requests that are wrong as a whole.
    private ChaosCase broken(SplittableRandom random) {
        String key = key(random);
        return switch (random.nextInt(6)) {
            case 0 -> refused(COMPLETIONS, key, "{\"model\":", false, 400, Optional.empty());
            case 1 -> refused(COMPLETIONS, key, "[]", false, 400, Optional.empty());
            case 2 ->
                refused(
                        COMPLETIONS,
                        key,
                        "{\"model\":\"no-such-model\",\"prompt\":\"a\"}",
                        false,
                        404,
                        Optional.of("model"));
            case 3 ->
                refused(
                        COMPLETIONS,
                        key,
                        body("\"prompt\":" + ids(random, CONTEXT + 1 + random.nextInt(500))),
                        false,
                        400,
                        Optional.of("prompt"));
            case 4 ->
                refused(
                        CHAT,
                        key,
                        body("\"messages\":[{\"role\":\"nobody\",\"content\":\"a\"}]"),
                        false,
                        400,
                        Optional.of("messages[0].role"));
            default -> refused(CHAT, key, body("\"messages\":[]"), false, 400, Optional.of("messages"));
        };
    }

    private static ChaosCase refused(
            String path, String key, String body, boolean stream, int status, Optional<String> param) {
        return new ChaosCase(path, key, body, stream, status, param, 0, 0, 0, false, Optional.empty(), -1, -1);
    }

    private ChaosCase reference(SplittableRandom random) {
        Reference reference = references.get(random.nextInt(references.size()));
        boolean stream = random.nextBoolean();
        String body = body(reference.fields() + streaming(stream, random));
        return new ChaosCase(
                COMPLETIONS,
                key(random),
                body,
                stream,
                200,
                Optional.empty(),
                1,
                1,
                reference.maxTokens(),
                true,
                Optional.of(reference.text()),
                -1,
                -1);
    }

    private ChaosCase right(SplittableRandom random) {
        boolean chat = random.nextInt(4) == 0;
        boolean stream = random.nextBoolean();
        int tokens = 1 + (int) (120 * Math.pow(random.nextDouble(), 2));
        boolean exact = random.nextBoolean();
        int prompts = chat || random.nextInt(8) > 0 ? 1 : 2 + random.nextInt(3);
        int n = served.contains("n") && random.nextInt(6) == 0 ? 2 + random.nextInt(3) : 1;
        StringBuilder fields = new StringBuilder(chat ? messages(random) : field("prompt", prompt(random, prompts)));
        fields.append(",\"max_tokens\":").append(tokens);
        fields.append(exact ? ",\"ignore_eos\":true" : "");
        fields.append(n > 1 ? ",\"n\":" + n : "");
        int best = n;
        if (served.contains("best_of") && !chat && !stream && random.nextInt(10) == 0) {
            best += random.nextInt(3);
            fields.append(",\"best_of\":").append(best);
        }
        options(fields, random, chat, exact, tokens);
        fields.append(streaming(stream, random));
        boolean leaves = random.nextInt(100) < 45;
        boolean byEvents = leaves && stream && random.nextBoolean();
        // from at once, while it waits, to deep in an answer
        long millis = leaves && !byEvents ? (long) (1000 * Math.pow(random.nextDouble(), 4)) : -1;
        return new ChaosCase(
                chat ? CHAT : COMPLETIONS,
                key(random),
                body(fields.toString()),
                stream,
                200,
                Optional.empty(),
                n * prompts,
                best * prompts,
                tokens,
                exact,
                Optional.empty(),
                millis,
                byEvents ? random.nextInt(tokens) : -1);
    }

    private void options(StringBuilder fields, SplittableRandom random, boolean chat, boolean exact, int tokens) {
        String[] temperatures = {"0", "0.7", "1", "1.5"};
        fields.append(",\"temperature\":").append(temperatures[random.nextInt(temperatures.length)]);
        some(fields, random, "top_p", "0.9");
        some(fields, random, "top_k", "40");
        some(fields, random, "min_p", "0.05");
        some(fields, random, "seed", "" + random.nextInt());
        if (!exact) {
            some(fields, random, "stop", "[\"the\",\"\\n\"]");
            some(fields, random, "stop_token_ids", "[5,6,7]");
        }
        if (chat) {
            some(fields, random, "logprobs", "true");
        } else {
            some(fields, random, "logprobs", "" + random.nextInt(6));
        }
        for (String name : served) {
            switch (name) {
                // of these, right() knows how many choices they make
                case "n", "best_of" -> {}
                case "priority" -> some(fields, random, name, "" + (random.nextInt(5) - 2));
                case "min_tokens" -> some(fields, random, name, "" + random.nextInt(tokens + 1));
                default -> some(fields, random, name, FEATURES.get(name));
            }
        }
    }

    private static void some(StringBuilder fields, SplittableRandom random, String name, String value) {
        if (random.nextInt(5) == 0) {
            fields.append(',').append(field(name, value));
        }
    }

    private static String streaming(boolean stream, SplittableRandom random) {
        return !stream
                ? ""
                : random.nextBoolean()
                        ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
                        : ",\"stream\":true";
    }

    private static String prompt(SplittableRandom random, int prompts) {
        if (prompts == 1 && random.nextInt(4) == 0) {
            return "\"Once upon a time " + random.nextInt(1000) + " \\u00e9\\ud83d\\ude00 "
                    + "word ".repeat(random.nextInt(60)) + "\"";
        }
        List<String> all = new ArrayList<>();
        for (int i = 0; i < prompts; i++) {
            all.add(ids(random, 1 + (int) (700 * Math.pow(random.nextDouble(), 3))));
        }
        return prompts == 1 ? all.getFirst() : "[" + String.join(",", all) + "]";
    }

    private static String messages(SplittableRandom random) {
        return "\"messages\":[{\"role\":\"user\",\"content\":\"Say " + random.nextInt(1000) + " words"
                + " and more".repeat(random.nextInt(50)) + "\"}]";
    }

    /// A third begin like others do, so that prefixes are shared.
    private static String ids(SplittableRandom random, int count) {
        int shared = random.nextInt(3) == 0 ? count * 2 / 3 : 0;
        SplittableRandom common = new SplittableRandom(random.nextInt(4));
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            out.append(i == 0 ? "" : ",").append(16 + (i < shared ? common : random).nextInt(VOCAB - 16));
        }
        return out.append(']').toString();
    }

    private static String key(SplittableRandom random) {
        int key = random.nextInt(5);
        return key == 0 ? "" : "chaos-" + key;
    }

    private static String field(String name, String value) {
        return "\"" + name + "\":" + value;
    }

    private String body(String fields) {
        return "{\"model\":" + Json.quote(model) + "," + fields + "}";
    }
}
