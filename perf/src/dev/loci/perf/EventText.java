package dev.loci.perf;

import java.nio.charset.StandardCharsets;

/// Finds the few fields that a measurement needs in the bytes of one event, without a tree: what the driver computes
/// is taken from the server's cores.
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

    EventText(boolean chat) {
        this.chat = chat;
    }

    boolean hasOutput(byte[] event, int length) {
        return chat
                ? isFilled(event, length, CONTENT) || isFilled(event, length, REASONING)
                : isFilled(event, length, TEXT);
    }

    static boolean isDone(byte[] event, int length) {
        return length >= DONE.length && matches(event, 0, DONE);
    }

    static boolean isError(byte[] event, int length) {
        int error = value(event, length, ERROR);
        return error >= 0 && event[error] != 'n' && value(event, length, CHOICES) < 0;
    }

    static int promptTokens(byte[] event, int length) {
        return number(event, length, PROMPT_TOKENS);
    }

    static int completionTokens(byte[] event, int length) {
        return number(event, length, COMPLETION_TOKENS);
    }

    static int cachedTokens(byte[] event, int length) {
        return number(event, length, CACHED_TOKENS);
    }

    private static boolean isFilled(byte[] event, int length, byte[] key) {
        int at = value(event, length, key);
        return at >= 0 && at + 1 < length && event[at] == '"' && event[at + 1] != '"';
    }

    /// -1 where there is none.
    private static int number(byte[] event, int length, byte[] key) {
        int at = value(event, length, key);
        if (at < 0 || event[at] < '0' || event[at] > '9') {
            return -1;
        }
        int number = 0;
        for (; at < length && event[at] >= '0' && event[at] <= '9'; at++) {
            number = number * 10 + event[at] - '0';
        }
        return number;
    }

    /// Where a key's value begins, or -1. A quotation mark inside a text has a backslash before it, so text that looks
    /// like a key is none.
    private static int value(byte[] event, int length, byte[] key) {
        for (int i = 0; i + key.length < length; i++) {
            if (event[i] == '"' && (i == 0 || event[i - 1] != '\\') && matches(event, i, key)) {
                int at = space(event, length, i + key.length);
                if (at < length && event[at] == ':') {
                    at = space(event, length, at + 1);
                    return at < length ? at : -1;
                }
            }
        }
        return -1;
    }

    private static int space(byte[] event, int length, int at) {
        while (at < length && event[at] == ' ') {
            at++;
        }
        return at;
    }

    private static boolean matches(byte[] event, int at, byte[] key) {
        for (int i = 0; i < key.length; i++) {
            if (event[at + i] != key[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] quoted(String name) {
        return ("\"" + name + "\"").getBytes(StandardCharsets.US_ASCII);
    }
}
