package dev.loci.perf;

import java.nio.charset.StandardCharsets;

/// The few fields of an event that a measurement needs, found in one pass over its bytes and without a tree: what the
/// driver computes is taken from the server's cores. A quotation mark inside a text has a backslash before it, so text
/// that looks like a key is none.
final class EventText {
    private static final byte[] TEXT = quoted("text");
    private static final byte[] CONTENT = quoted("content");
    private static final byte[] REASONING = quoted("reasoning_content");
    private static final byte[] ERROR = quoted("error");
    private static final byte[] CHOICES = quoted("choices");
    private static final byte[] PROMPT_TOKENS = quoted("prompt_tokens");
    private static final byte[] COMPLETION_TOKENS = quoted("completion_tokens");
    private static final byte[] CACHED_TOKENS = quoted("cached_tokens");
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final boolean chat;
    private byte[] event = DONE;
    private int end;
    private boolean output;
    private boolean error;
    private boolean choices;
    private int promptTokens;
    private int completionTokens;
    private int cachedTokens;

    EventText(boolean chat) {
        this.chat = chat;
    }

    static boolean isDone(byte[] line, int start, int end) {
        return end - start >= DONE.length && matches(line, start, DONE);
    }

    /// Where the data of a line begin; 0 where it has none.
    static int dataStart(byte[] line, int length) {
        if (length < 6 || line[0] != 'd' || line[1] != 'a' || line[2] != 't' || line[3] != 'a' || line[4] != ':') {
            return 0;
        }
        return line[5] == ' ' ? 6 : 5;
    }

    /// What the other methods tell of.
    void read(byte[] line, int start, int end) {
        event = line;
        this.end = end;
        output = false;
        error = false;
        choices = false;
        promptTokens = -1;
        completionTokens = -1;
        cachedTokens = -1;
        for (int i = start; i < end; i++) {
            if (line[i] == '"' && i + 1 < end && line[i - 1] != '\\') {
                field(i);
            }
        }
    }

    private void field(int at) {
        switch (event[at + 1]) {
            case 't' -> output |= !chat && isFilled(value(at, TEXT));
            case 'r' -> output |= chat && isFilled(value(at, REASONING));
            case 'c' -> {
                output |= chat && isFilled(value(at, CONTENT));
                choices |= value(at, CHOICES) >= 0;
                completionTokens = Math.max(completionTokens, number(value(at, COMPLETION_TOKENS)));
                cachedTokens = Math.max(cachedTokens, number(value(at, CACHED_TOKENS)));
            }
            case 'e' -> {
                int found = value(at, ERROR);
                error |= found >= 0 && event[found] != 'n';
            }
            case 'p' -> promptTokens = Math.max(promptTokens, number(value(at, PROMPT_TOKENS)));
            default -> {}
        }
    }

    boolean hasOutput() {
        return output;
    }

    boolean isError() {
        return error && !choices;
    }

    /// -1 where there is none, as for the other counts.
    int promptTokens() {
        return promptTokens;
    }

    int completionTokens() {
        return completionTokens;
    }

    int cachedTokens() {
        return cachedTokens;
    }

    private boolean isFilled(int at) {
        return at >= 0 && at + 1 < end && event[at] == '"' && event[at + 1] != '"';
    }

    private int number(int at) {
        if (at < 0 || event[at] < '0' || event[at] > '9') {
            return -1;
        }
        int number = 0;
        for (int i = at; i < end && event[i] >= '0' && event[i] <= '9'; i++) {
            number = number * 10 + event[i] - '0';
        }
        return number;
    }

    /// Where the value of a key begins, or -1 where another key, or a text, stands here.
    private int value(int at, byte[] key) {
        if (at + key.length >= end || !matches(event, at, key)) {
            return -1;
        }
        int colon = space(at + key.length);
        if (colon >= end || event[colon] != ':') {
            return -1;
        }
        int value = space(colon + 1);
        return value < end ? value : -1;
    }

    private int space(int at) {
        while (at < end && event[at] == ' ') {
            at++;
        }
        return at;
    }

    private static boolean matches(byte[] line, int at, byte[] key) {
        for (int i = 0; i < key.length; i++) {
            if (line[at + i] != key[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] quoted(String name) {
        return ("\"" + name + "\"").getBytes(StandardCharsets.US_ASCII);
    }
}
