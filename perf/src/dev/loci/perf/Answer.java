package dev.loci.perf;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// One HTTP/1.1 answer, read from bytes as they come, for sockets that block and for those that do not. A half line
/// is the only thing that it copies, so that many connections share one buffer.
final class Answer {
    /// The body is over.
    static final int END = -1;

    /// All bytes at hand are used up.
    static final int MORE = -2;

    private static final long UNTIL_CLOSED = Long.MAX_VALUE;

    /// What stands before the next byte of the body where none is left.
    private enum Framing {
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_END,
        TRAILER,
        NOTHING
    }

    private byte[] data = new byte[0];
    private int position;
    private int limit;
    private boolean closed;
    private boolean heard;

    private byte[] line = new byte[512];
    private int length;
    private boolean taken;

    private boolean headRead;
    private int status;
    private int retryAfter;
    private boolean keepAlive;
    private Framing framing = Framing.NOTHING;
    private long left;
    private long size;
    private int trailer;

    /// Before each request.
    void begin() {
        position = limit;
        heard = false;
        startHead();
    }

    private void startHead() {
        headRead = false;
        status = 0;
        retryAfter = -1;
        framing = Framing.NOTHING;
        left = UNTIL_CLOSED;
        length = 0;
        taken = false;
    }

    /// @param bytes borrowed until they are used up
    void offer(byte[] bytes, int count) {
        data = bytes;
        position = 0;
        limit = count;
        heard = true;
    }

    /// The server has closed the connection.
    void close() {
        closed = true;
    }

    /// False: the bytes at hand are used up.
    boolean readHead() throws IOException {
        while (!headRead) {
            int found = until(limit);
            if (found == MORE) {
                if (closed) {
                    throw new EOFException("connection closed by the server");
                }
                return false;
            }
            if (status == 0) {
                statusLine(new String(line, 0, found, StandardCharsets.ISO_8859_1));
            } else if (found > 0) {
                header(new String(line, 0, found, StandardCharsets.ISO_8859_1));
            } else if (status == 100) {
                startHead();
            } else {
                headRead = true;
                keepAlive &= left != UNTIL_CLOSED;
            }
        }
        return true;
    }

    private void statusLine(String first) throws IOException {
        if (!first.startsWith("HTTP/1.") || first.length() < 12) {
            throw new IOException("no HTTP answer: " + first);
        }
        status = (int) whole(first.substring(9, 12), first);
        keepAlive = first.startsWith("HTTP/1.1");
    }

    private void header(String header) throws IOException {
        int colon = header.indexOf(':');
        if (colon < 0) {
            throw new IOException("no HTTP header: " + header);
        }
        String value = header.substring(colon + 1).trim();
        switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "content-length" -> left = framing == Framing.NOTHING ? whole(value, header) : 0;
            case "transfer-encoding" -> {
                if (value.equalsIgnoreCase("chunked")) {
                    framing = Framing.CHUNK_SIZE;
                    left = 0;
                    size = 0;
                }
            }
            case "connection" -> keepAlive &= !value.equalsIgnoreCase("close");
            case "retry-after" -> retryAfter = value.matches("\\d{1,9}") ? Integer.parseInt(value) : -1;
            default -> {}
        }
    }

    private static long whole(String digits, String line) throws IOException {
        if (!digits.matches("\\d{1,18}")) {
            throw new IOException("HTTP answer: expected a number, found " + line);
        }
        return Long.parseLong(digits);
    }

    int status() {
        return status;
    }

    /// -1 where the answer has none.
    int retryAfterSeconds() {
        return retryAfter;
    }

    /// Whether a byte of an answer has come since the last [#begin].
    boolean heard() {
        return heard;
    }

    boolean keepAlive() {
        return keepAlive && !closed;
    }

    /// The next line of the body goes to [#line]; returns its length, [#END] or [#MORE].
    int nextLine() throws IOException {
        while (moveToBody()) {
            int found = until(position + (int) Math.min(left, limit - position));
            if (found >= 0) {
                return found;
            }
        }
        int edge = atEdge();
        return edge == END && length > 0 && !taken ? take(length) : edge;
    }

    /// Gathers the rest of the body in [#line]; returns its length, or [#MORE].
    int rest() throws IOException {
        startLine();
        while (moveToBody()) {
            append(position + (int) Math.min(left, limit - position));
        }
        return atEdge() == END ? length : MORE;
    }

    /// Borrowed until the next line is read.
    byte[] line() {
        return line;
    }

    private int atEdge() throws IOException {
        if (left == 0 && framing == Framing.NOTHING) {
            return END;
        }
        if (!closed) {
            return MORE;
        }
        if (left < UNTIL_CLOSED / 2) {
            throw new EOFException("connection closed by the server inside an answer");
        }
        return END;
    }

    /// False: the bytes at hand are used up, or the body is over.
    private boolean moveToBody() throws IOException {
        while (left == 0 && framing != Framing.NOTHING && position < limit) {
            frame(data[position++]);
        }
        return left > 0 && position < limit;
    }

    private void frame(int b) throws IOException {
        switch (framing) {
            case CHUNK_SIZE -> {
                int digit = Character.digit(b, 16);
                if (digit >= 0) {
                    size = size * 16 + digit;
                } else if (b == ';') {
                    framing = Framing.CHUNK_EXTENSION;
                } else if (b == '\n') {
                    startChunk();
                } else if (b != '\r') {
                    throw new IOException("chunk size: expected hexadecimal digits, found " + b);
                }
            }
            case CHUNK_EXTENSION -> {
                if (b == '\n') {
                    startChunk();
                }
            }
            case CHUNK_END -> {
                if (b == '\n') {
                    framing = Framing.CHUNK_SIZE;
                    size = 0;
                }
            }
            case TRAILER -> {
                if (b != '\n') {
                    trailer += b == '\r' ? 0 : 1;
                } else if (trailer == 0) {
                    framing = Framing.NOTHING;
                } else {
                    trailer = 0;
                }
            }
            case NOTHING -> throw new IllegalStateException("nothing stands before the body's end");
        }
    }

    private void startChunk() {
        left = size;
        trailer = 0;
        framing = size == 0 ? Framing.TRAILER : Framing.CHUNK_END;
    }

    /// Adds bytes to the line up to its end or a bound; returns its length, or [#MORE].
    private int until(int bound) {
        startLine();
        byte[] bytes = data;
        int at = position;
        while (at < bound && bytes[at] != '\n') {
            at++;
        }
        boolean whole = at < bound;
        append(at);
        if (!whole) {
            return MORE;
        }
        position++;
        left -= left == UNTIL_CLOSED || !headRead ? 0 : 1;
        return take(length > 0 && line[length - 1] == '\r' ? length - 1 : length);
    }

    private void startLine() {
        if (taken) {
            taken = false;
            length = 0;
        }
    }

    private int take(int found) {
        taken = true;
        return found;
    }

    private void append(int end) {
        int count = end - position;
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + count));
        }
        System.arraycopy(data, position, line, length, count);
        length += count;
        position = end;
        left -= left == UNTIL_CLOSED || !headRead ? 0 : count;
    }
}
