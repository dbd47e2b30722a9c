package dev.loci.perf;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// One HTTP/1.1 connection and the answer that is read from it. For one thread at a time; blocks, so give it a virtual
/// one. Closing it in the middle of an answer is how a client cancels.
final class Connection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final Answer answer = new Answer();
    private final byte[] buffer = new byte[8192];
    private long deadline;
    private long idleSince;

    static Connection open(String host, int port) throws IOException {
        Connection connection = new Connection();
        try {
            connection.socket.setTcpNoDelay(true);
            connection.socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /// @param deadline of the whole exchange, as [System#nanoTime] counts
    void send(byte[] request, long deadline) throws IOException {
        this.deadline = deadline;
        answer.begin();
        socket.getOutputStream().write(request);
    }

    void readHead() throws IOException {
        while (!answer.readHead()) {
            fill();
        }
    }

    int status() {
        return answer.status();
    }

    /// -1 where the answer has none.
    int retryAfterSeconds() {
        return answer.retryAfterSeconds();
    }

    /// Whether a byte of an answer has come since the last [#send].
    boolean heard() {
        return answer.heard();
    }

    boolean keepAlive() {
        return answer.keepAlive();
    }

    void idle() {
        idleSince = System.nanoTime();
    }

    long idleMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - idleSince);
    }

    /// The next line of the body goes to [#line]; returns its length, or -1 at the body's end.
    int readBodyLine() throws IOException {
        int length = answer.nextLine();
        while (length == Answer.MORE) {
            fill();
            length = answer.nextLine();
        }
        return length;
    }

    /// Borrowed until the next line is read.
    byte[] line() {
        return answer.line();
    }

    /// The rest of the body.
    String readBody() throws IOException {
        int length = answer.rest();
        while (length == Answer.MORE) {
            fill();
            length = answer.rest();
        }
        return new String(answer.line(), 0, length, StandardCharsets.UTF_8);
    }

    private void fill() throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, millis));
        int count = socket.getInputStream().read(buffer);
        if (count <= 0) {
            answer.close();
        } else {
            answer.offer(buffer, count);
        }
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
