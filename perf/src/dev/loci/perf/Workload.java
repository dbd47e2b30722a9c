package dev.loci.perf;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// What is asked. The n-th request of a seed is the same in every run, whenever it is sent.
/// @param promptSeed  of what prompts share: equal in all phases of a measurement that share prefixes
/// @param schema      that answers are held to; empty for none
/// @param cancelShare of requests whose client leaves, half of them before the first token
record Workload(
        boolean chat,
        String model,
        boolean text,
        boolean ignoreEos,
        String schema,
        boolean usage,
        double temperature,
        boolean shareGpt,
        int contextTokens,
        int vocabSize,
        int prefixTokens,
        double prefixShare,
        int prefixes,
        double cancelShare,
        long seed,
        long promptSeed,
        int timeoutSeconds,
        List<Key> keys) {
    private static final int FIRST_ID = 16;
    private static final int SIZES = 1024;
    private static final String[] WORDS =
            ("time year people way day man thing woman life child world school state family"
                            + " student group country problem hand part place case week company system program question work"
                            + " number night point home water room mother area money story fact month lot right study book eye"
                            + " job word business issue side kind head house service friend father power hour game line end"
                            + " member law car city community name president team minute idea kid body information back parent"
                            + " face others level office door health person art war history party result change morning reason")
                    .split(" ");

    /// On whose behalf: requests of its own size, a share of the rate.
    /// @param name    bearer token; empty for none
    /// @param clients of a closed loop that send for this key only; 0: clients draw among keys by their rates
    record Key(String name, double rate, int promptTokens, int minNew, int maxNew, int clients) {}

    /// @param cancelAfter outputs after which the client leaves; 0: before the first; -1: it stays
    record Request(byte[] bytes, int newTokens, int cancelAfter, long cancelMillis) {}

    Workload {
        keys = List.copyOf(keys);
    }

    static final Set<String> FLAGS = Set.of("text", "sharegpt", "ignore-eos", "no-usage");

    static Workload parse(Arguments arguments, String model) {
        String endpoint = arguments.text("endpoint", "completions");
        if (!endpoint.equals("completions") && !endpoint.equals("chat")) {
            throw new Arguments.Wrong("--endpoint: expected completions or chat, found " + endpoint);
        }
        long seed = arguments.integer("seed", 1);
        int prompt = arguments.integer("prompt-tokens", 64);
        String news = arguments.text("new-tokens", "64");
        return new Workload(
                endpoint.equals("chat"),
                model,
                arguments.flag("text") || endpoint.equals("chat"),
                arguments.flag("ignore-eos"),
                arguments.text("schema", ""),
                !arguments.flag("no-usage"),
                arguments.number("temperature", 0),
                arguments.flag("sharegpt"),
                arguments.integer("context-tokens", 1024),
                arguments.integer("vocab", 16384),
                arguments.integer("prefix-tokens", 0),
                arguments.number("prefix-share", 1),
                Math.max(1, arguments.integer("prefixes", 1)),
                arguments.number("cancel-share", 0),
                seed,
                seed,
                arguments.integer("timeout-s", 120),
                keys(arguments, prompt, news));
    }

    private static List<Key> keys(Arguments arguments, int prompt, String news) {
        List<Key> keys = new ArrayList<>();
        for (String pair : arguments.text("keys", "").split(",")) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split(":", 2);
                keys.add(key(
                        arguments, prompt, news, "name=" + parts[0] + (parts.length > 1 ? ",rate=" + parts[1] : "")));
            }
        }
        arguments.all("key").forEach(key -> keys.add(key(arguments, prompt, news, key)));
        return keys.isEmpty() ? List.of(key(arguments, prompt, news, "name=")) : keys;
    }

    private static Key key(Arguments arguments, int prompt, String news, String text) {
        String name = "";
        double rate = 1;
        int clients = 0;
        for (String part : text.split(",")) {
            String[] pair = part.split("=", 2);
            String value = pair.length > 1 ? pair[1] : "";
            switch (pair[0]) {
                case "name" -> name = value;
                case "rate" -> {
                    try {
                        rate = Double.parseDouble(value);
                    } catch (NumberFormatException e) {
                        throw new Arguments.Wrong("--key, rate: expected a number, found " + value);
                    }
                }
                case "prompt" -> prompt = Arguments.integerOf("key, prompt", value);
                case "new" -> news = value;
                case "clients" -> clients = Arguments.integerOf("key, clients", value);
                default ->
                    throw new Arguments.Wrong("--key: expected name, rate, prompt, new or clients, found " + pair[0]);
            }
        }
        String[] range = news.split(":", 2);
        int min = Arguments.integerOf("new-tokens", range[0]);
        int max = range.length > 1 ? Arguments.integerOf("new-tokens", range[1]) : min;
        if (min < 1 || max < min || prompt < 1) {
            throw new Arguments.Wrong("--prompt-tokens, --new-tokens: expected at least 1, A:B with A <= B, found "
                    + prompt + ", " + news);
        }
        if (prompt + arguments.integer("prefix-tokens", 0) > arguments.integer("vocab", 16384) - FIRST_ID) {
            throw new Arguments.Wrong("--prompt-tokens: expected fewer than --vocab, found " + prompt);
        }
        return new Key(name, rate, prompt, min, max, clients);
    }

    /// The same sizes with other tokens, so that no prefix cache knows them.
    Workload reseeded(long other) {
        return new Workload(
                chat,
                model,
                text,
                ignoreEos,
                schema,
                usage,
                temperature,
                shareGpt,
                contextTokens,
                vocabSize,
                prefixTokens,
                prefixShare,
                prefixes,
                cancelShare,
                other,
                promptSeed,
                timeoutSeconds,
                keys);
    }

    Workload asking(String other) {
        return new Workload(
                chat,
                other,
                text,
                ignoreEos,
                schema,
                usage,
                temperature,
                shareGpt,
                contextTokens,
                vocabSize,
                prefixTokens,
                prefixShare,
                prefixes,
                cancelShare,
                seed,
                promptSeed,
                timeoutSeconds,
                keys);
    }

    Workload withKeys(List<Key> others) {
        return new Workload(
                chat,
                model,
                text,
                ignoreEos,
                schema,
                usage,
                temperature,
                shareGpt,
                contextTokens,
                vocabSize,
                prefixTokens,
                prefixShare,
                prefixes,
                cancelShare,
                seed,
                promptSeed,
                timeoutSeconds,
                others);
    }

    String path() {
        return chat ? "/v1/chat/completions" : "/v1/completions";
    }

    /// The key of the n-th request where clients draw among keys.
    Key key(int index) {
        double total = keys.stream().mapToDouble(Key::rate).sum();
        double drawn = random(index, 1).nextDouble() * total;
        for (Key key : keys) {
            drawn -= key.rate();
            if (drawn < 0) {
                return key;
            }
        }
        return keys.getLast();
    }

    Request request(Http http, Key key, int index) {
        SplittableRandom random = random(index, 2);
        int prompt = key.promptTokens();
        int fresh = key.minNew() + random.nextInt(key.maxNew() - key.minNew() + 1);
        if (shareGpt) {
            SplittableRandom size = new SplittableRandom(random.nextInt(SIZES));
            prompt = logNormal(size, 4.24, 1.3, 4, contextTokens / 2);
            fresh = logNormal(size, 5.42, 0.9, 4, contextTokens - prompt - prefixTokens);
        }
        int prefix = prefixTokens > 0 && random.nextDouble() < prefixShare ? random.nextInt(prefixes) : -1;
        boolean cancels = random.nextDouble() < cancelShare;
        boolean early = random.nextBoolean();
        int after = !cancels ? -1 : early ? 0 : 1 + random.nextInt(Math.max(1, fresh - 1));
        long millis = (long) (200 * Math.pow(random.nextDouble(), 3));
        byte[] bytes = http.post(path(), key.name(), body(random, prefix, prompt, fresh));
        return new Request(bytes, fresh, after, millis);
    }

    private String body(SplittableRandom random, int prefix, int prompt, int fresh) {
        StringBuilder out = new StringBuilder(prompt * 6 + 256);
        out.append("{\"model\":")
                .append(Json.quote(model))
                .append(chat ? ",\"messages\":[{\"role\":\"user\",\"content\":" : ",\"prompt\":");
        SplittableRandom shared = new SplittableRandom(promptSeed * 1_000_003 + prefix);
        if (text) {
            out.append('"');
            words(out, shared, prefix < 0 ? 0 : prefixTokens);
            words(out, random, prompt);
            out.append('"');
        } else {
            int[] head = distinct(shared, prefix < 0 ? 0 : prefixTokens);
            out.append('[');
            IntStream.concat(IntStream.of(head), IntStream.of(distinct(random, prompt)))
                    .forEach(id -> out.append(id).append(','));
            out.setCharAt(out.length() - 1, ']');
        }
        out.append(chat ? "}]" : "").append(",\"max_tokens\":").append(fresh);
        out.append(",\"temperature\":").append(temperature).append(",\"stream\":true");
        out.append(usage ? ",\"stream_options\":{\"include_usage\":true}" : "");
        if (!schema.isEmpty()) {
            out.append(",\"response_format\":").append(responseFormat(schema));
        }
        return out.append(ignoreEos ? ",\"ignore_eos\":true}" : "}").toString();
    }

    static String responseFormat(String schema) {
        return "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"schema\":" + schema + "}}";
    }

    private static void words(StringBuilder out, SplittableRandom random, int count) {
        for (int i = 0; i < count; i++) {
            out.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
    }

    private int[] distinct(SplittableRandom random, int count) {
        return random.ints(FIRST_ID, vocabSize).distinct().limit(count).toArray();
    }

    private static int logNormal(SplittableRandom random, double mu, double sigma, int min, int max) {
        double drawn = Math.exp(mu + sigma * random.nextGaussian());
        return (int) Math.max(min, Math.min(max, Math.round(drawn)));
    }

    private SplittableRandom random(int index, int purpose) {
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index * 4L + purpose);
    }
}
