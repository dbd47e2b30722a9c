package dev.loci.api.openai;

import java.nio.charset.StandardCharsets;

/// Server-sent events as OpenAI's clients read them: one line of JSON each, and a last one that is none.
final class ServerSentEvents {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private ServerSentEvents() {}

    static byte[] event(Object value) {
        byte[] json = Wire.json(value);
        byte[] event = new byte[DATA.length + json.length + END.length];
        System.arraycopy(DATA, 0, event, 0, DATA.length);
        System.arraycopy(json, 0, event, DATA.length, json.length);
        System.arraycopy(END, 0, event, DATA.length + json.length, END.length);
        return event;
    }

    static byte[] done() {
        return DONE.clone();
    }
}
