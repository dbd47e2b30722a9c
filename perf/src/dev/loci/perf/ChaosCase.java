package dev.loci.perf;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// One request, and what is a right end of it.
/// @param status       that it must have: 200, or 400 or 404 for a mistake
/// @param param        that an error must name; empty for any
/// @param choices      of the answer
/// @param sequences    that are drawn for them, more where the best of several are answered; usage counts them all
/// @param maxTokens    new tokens of each choice at most
/// @param exact        whether each choice has exactly so many
/// @param text         of the only choice, where it is known
/// @param cancelMillis after which the client leaves; negative: it stays
/// @param cancelEvents of a stream, after which the client leaves; negative: it stays
record ChaosCase(
        String path,
        String key,
        String body,
        boolean stream,
        int status,
        Optional<String> param,
        int choices,
        int sequences,
        int maxTokens,
        boolean exact,
        Optional<String> text,
        long cancelMillis,
        int cancelEvents) {
    private static final Set<String> REASONS = Set.of("stop", "length");

    /// How it ended, in a word or two; `WRONG` and why otherwise.
    String send(Http http, int timeoutSeconds) {
        long deadline = System.nanoTime()
                + (cancelMillis >= 0
                        ? TimeUnit.MILLISECONDS.toNanos(cancelMillis)
                        : TimeUnit.SECONDS.toNanos(timeoutSeconds));
        try {
            Connection connection = http.exchange(http.post(path, key, body), deadline);
            boolean read = false;
            try {
                String end = connection.status() == 200 && stream ? events(connection) : whole(connection);
                read = !end.startsWith("left");
                if (read) {
                    http.release(connection);
                }
                return end;
            } finally {
                if (!read) {
                    connection.close();
                }
            }
        } catch (SocketTimeoutException e) {
            return cancelMillis >= 0
                    ? stream ? "left in time, stream" : "left in time, whole"
                    : "WRONG: no end within " + timeoutSeconds + " s";
        } catch (IOException | IllegalArgumentException e) {
            return "WRONG: " + e;
        }
    }

    String describe() {
        return path + " " + body.substring(0, Math.min(400, body.length()));
    }

    private String whole(Connection connection) throws IOException {
        int found = connection.status();
        String answer = connection.readBody();
        Object tree = Json.parse(answer);
        if (found == 429 && Json.at(tree, "error", "message") instanceof String) {
            return connection.retryAfterSeconds() >= 1 ? "429" : "WRONG: 429 without Retry-After";
        }
        if (found != status) {
            return "WRONG: expected status " + status + ", found " + found + " " + answer;
        }
        if (status != 200) {
            boolean described = Json.at(tree, "error", "message") instanceof String
                    && (param.isEmpty() || param.get().equals(Json.at(tree, "error", "param")));
            return described ? "" + status : "WRONG: expected an error of " + param.orElse("any") + ", found " + answer;
        }
        TreeMap<Long, String> texts = new TreeMap<>();
        TreeMap<Long, String> reasons = new TreeMap<>();
        for (Object choice : Json.at(tree, "choices") instanceof List<?> list ? list : List.of()) {
            take(choice, texts, reasons, "message");
        }
        return verdict(texts, reasons, Optional.ofNullable(Json.at(tree, "usage")), "answered");
    }

    private String events(Connection connection) throws IOException {
        TreeMap<Long, String> texts = new TreeMap<>();
        TreeMap<Long, String> reasons = new TreeMap<>();
        Optional<Object> usage = Optional.empty();
        List<String> problems = new ArrayList<>();
        boolean done = false;
        int events = 0;
        for (int length = connection.readBodyLine(); length >= 0; length = connection.readBodyLine()) {
            String line = new String(connection.line(), 0, length, StandardCharsets.UTF_8);
            if (!line.startsWith("data:")) {
                continue;
            }
            if (cancelEvents >= 0 && events++ >= cancelEvents) {
                return "left in a stream";
            }
            String data = line.substring(5).trim();
            if (done) {
                problems.add("an event behind [DONE]");
            } else if (data.equals("[DONE]")) {
                done = true;
            } else {
                Object tree = Json.parse(data);
                if (Json.at(tree, "error") != null) {
                    return "WRONG: " + data;
                }
                for (Object choice : Json.at(tree, "choices") instanceof List<?> list ? list : List.of()) {
                    if (reasons.containsKey(Json.whole(choice, "index"))) {
                        problems.add("a choice goes on behind its finish_reason");
                    }
                    take(choice, texts, reasons, "delta");
                }
                usage = Json.at(tree, "usage") instanceof Map<?, ?> found ? Optional.of(found) : usage;
            }
        }
        if (!done) {
            problems.add("the stream ends without [DONE]");
        }
        return problems.isEmpty() ? verdict(texts, reasons, usage, "streamed") : "WRONG: " + problems;
    }

    private static void take(Object choice, Map<Long, String> texts, Map<Long, String> reasons, String chat) {
        long index = Json.whole(choice, "index");
        Object text = Json.at(choice, "text") instanceof String plain ? plain : Json.at(choice, chat, "content");
        texts.merge(index, text instanceof String some ? some : "", String::concat);
        if (Json.at(choice, "finish_reason") instanceof String reason) {
            reasons.put(index, reason);
        }
    }

    private String verdict(
            TreeMap<Long, String> texts, TreeMap<Long, String> reasons, Optional<Object> usage, String word) {
        if (texts.size() != choices || texts.firstKey() != 0 || texts.lastKey() != choices - 1) {
            return "WRONG: expected " + choices + " choices, found " + texts.keySet();
        }
        if (reasons.size() != choices || !REASONS.containsAll(reasons.values())) {
            return "WRONG: expected finish_reason stop or length of each choice, found " + reasons;
        }
        if (exact && reasons.values().stream().anyMatch(reason -> !reason.equals("length"))) {
            return "WRONG: expected finish_reason length, found " + reasons;
        }
        if (usage.isPresent()) {
            long tokens = Json.whole(usage.get(), "completion_tokens");
            long most = (long) maxTokens * sequences;
            if (tokens > most || exact && tokens != most) {
                return "WRONG: expected " + (exact ? "" : "at most ") + most + " new tokens, found " + tokens;
            }
        }
        if (text.isPresent() && !text.get().equals(texts.get(0L))) {
            return "WRONG: expected the text " + Json.quote(text.get()) + ", found " + Json.quote(texts.get(0L));
        }
        return word;
    }
}
