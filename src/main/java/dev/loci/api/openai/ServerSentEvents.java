package dev.loci.api.openai;

import java.nio.charset.StandardCharsets;
import java.util.List;

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

    /// @param name by which clients tell events apart before they read them
    static byte[] event(String name, Object value) {
        return joined(List.of(("event: " + name + "\n").getBytes(StandardCharsets.US_ASCII), event(value)));
    }

    static byte[] events(List<Object> values) {
        return joined(values.stream().map(ServerSentEvents::event).toList());
    }

    static byte[] joined(List<byte[]> parts) {
        byte[] joined = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }

    static byte[] done() {
        return DONE.clone();
    }
}
