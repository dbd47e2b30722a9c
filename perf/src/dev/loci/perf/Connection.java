package dev.loci.perf;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// One HTTP/1.1 connection and the answer that is read from it. For one thread at a time; blocks, so give it a virtual
/// one. Closing it in the middle of an answer is how a client cancels.
final class Connection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final byte[] buffer = new byte[8192];
    private byte[] line = new byte[1024];
    private InputStream in;
    private int position;
    private int limit;
    private long deadline;

    private int status;
    private int retryAfter;
    private boolean chunked;
    private boolean keepAlive;
    private boolean heard;
    private long left;
    private long idleSince;

    static Connection open(String host, int port) throws IOException {
        Connection connection = new Connection();
        try {
            connection.socket.setTcpNoDelay(true);
            connection.socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            connection.in = connection.socket.getInputStream();
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /// @param deadline of the whole exchange, as [System#nanoTime] counts
    void send(byte[] request, long deadline) throws IOException {
        this.deadline = deadline;
        this.heard = false;
        socket.getOutputStream().write(request);
    }

    void deadline(long nanos) {
        this.deadline = nanos;
    }

    void readHead() throws IOException {
        do {
            int length = readLine(false);
            String first = new String(line, 0, length, StandardCharsets.ISO_8859_1);
            if (!first.startsWith("HTTP/1.") || length < 12) {
                throw new IOException("no HTTP answer: " + first);
            }
            status = Integer.parseInt(first.substring(9, 12));
            keepAlive = first.startsWith("HTTP/1.1");
            chunked = false;
            left = -1;
            retryAfter = -1;
            for (length = readLine(false); length > 0; length = readLine(false)) {
                header(new String(line, 0, length, StandardCharsets.ISO_8859_1));
            }
        } while (status == 100);
        if (chunked) {
            left = 0;
        } else if (left < 0) {
            keepAlive = false;
            left = Long.MAX_VALUE;
        }
    }

    private void header(String header) throws IOException {
        int colon = header.indexOf(':');
        if (colon < 0) {
            throw new IOException("no HTTP header: " + header);
        }
        String value = header.substring(colon + 1).trim();
        switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "content-length" -> left = Long.parseLong(value);
            case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
            case "connection" -> keepAlive &= !value.equalsIgnoreCase("close");
            case "retry-after" -> retryAfter = value.matches("\\d{1,9}") ? Integer.parseInt(value) : -1;
            default -> {}
        }
    }

    int status() {
        return status;
    }

    /// -1 where the answer has none.
    int retryAfterSeconds() {
        return retryAfter;
    }

    /// Whether a byte of an answer has come since the last [#send].
    boolean heard() {
        return heard;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    void idle() {
        idleSince = System.nanoTime();
    }

    long idleMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - idleSince);
    }

    /// The next line of the body goes to [#line]; returns its length, or -1 at the body's end.
    int readBodyLine() throws IOException {
        return readLine(true);
    }

    /// Borrowed until the next line is read.
    byte[] line() {
        return line;
    }

    /// The rest of the body.
    String readBody() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int b = bodyByte(); b >= 0; b = bodyByte()) {
            out.write(b);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private int readLine(boolean ofBody) throws IOException {
        int length = 0;
        while (true) {
            int b = ofBody ? bodyByte() : next();
            if (b < 0) {
                if (ofBody) {
                    return length > 0 ? length : -1;
                }
                throw new EOFException("connection closed by the server");
            }
            if (b == '\n') {
                return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = (byte) b;
        }
    }

    /// -1 at the end of the body.
    private int bodyByte() throws IOException {
        if (chunked) {
            if (left < 0) {
                return -1;
            }
            if (left == 0 && !nextChunk()) {
                left = -1;
                return -1;
            }
        } else if (left == 0) {
            return -1;
        }
        left--;
        int b = next();
        if (b < 0 && left < Long.MAX_VALUE / 2) {
            throw new EOFException("connection closed by the server inside an answer");
        }
        if (chunked && left == 0) {
            next();
            next();
        }
        return b;
    }

    private boolean nextChunk() throws IOException {
        long size = 0;
        int b = next();
        for (; b != '\n' && b != ';' && b != '\r'; b = next()) {
            int digit = Character.digit(b, 16);
            if (b < 0) {
                throw new EOFException("connection closed by the server inside an answer");
            }
            if (digit < 0) {
                throw new IOException("chunk size: expected hexadecimal digits, found " + b);
            }
            size = size * 16 + digit;
        }
        while (b != '\n' && b >= 0) {
            b = next();
        }
        left = size;
        if (size > 0) {
            return true;
        }
        do {
            b = next();
            if (b == '\r' || b == '\n') {
                while (b != '\n' && b >= 0) {
                    b = next();
                }
                return false;
            }
            while (b != '\n' && b >= 0) {
                b = next();
            }
        } while (b >= 0);
        return false;
    }

    private int next() throws IOException {
        if (position == limit) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis <= 0) {
                throw new SocketTimeoutException("no answer in time");
            }
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, millis));
            limit = in.read(buffer);
            position = 0;
            if (limit <= 0) {
                limit = 0;
                return -1;
            }
            heard = true;
        }
        return buffer[position++] & 0xFF;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // the connection is given up in any case
        }
    }
}
