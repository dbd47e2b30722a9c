package dev.loci.api.openai;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// A choice's chunks that hold nothing but text differ in that text alone: what stands before and after it is made
/// once.
final class EventFrame {
    private static final String MARK = "loci-text-comes-here";
    private static final JsonStringEncoder ESCAPE = JsonStringEncoder.getInstance();

    private final byte[] before;
    private final byte[] after;

    private EventFrame(byte[] before, byte[] after) {
        this.before = before;
        this.after = after;
    }

    static EventFrame of(ChunkFormat format, int index) {
        Object chunk = format.chunk(index, new Piece(MARK, List.of(), Optional.empty()));
        String event = new String(ServerSentEvents.event(chunk), StandardCharsets.UTF_8);
        // a model's name comes before, whatever it holds
        int mark = event.lastIndexOf(MARK);
        return new EventFrame(utf8(event.substring(0, mark)), utf8(event.substring(mark + MARK.length())));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    byte[] event(String text) {
        byte[] escaped = ESCAPE.quoteAsUTF8(text);
        byte[] event = new byte[before.length + escaped.length + after.length];
        System.arraycopy(before, 0, event, 0, before.length);
        System.arraycopy(escaped, 0, event, before.length, escaped.length);
        System.arraycopy(after, 0, event, before.length + escaped.length, after.length);
        return event;
    }
}
