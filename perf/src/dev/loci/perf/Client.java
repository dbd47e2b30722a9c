package dev.loci.perf;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/// Sends one request and follows its stream to the end, or to the token at which the client leaves.
final class Client {
    /// Outputs count for throughput where they come in it. Times as [System#nanoTime] counts.
    record Window(long start, long end) {
        boolean contains(long nanos) {
            return nanos - start >= 0 && nanos - end < 0;
        }
    }

    private final Http http;
    private final EventText events;
    private final Workload.Request request;
    private final String key;
    private final Window window;
    private final int timeoutSeconds;

    private long sent;
    private long first;
    private int status;
    private int outputs;
    private int inWindow;
    private int tokens = -1;
    private int promptTokens;
    private int cachedTokens;
    private int retryAfter = -1;
    private boolean done;

    private Client(Http http, Workload workload, Workload.Key key, Workload.Request request, Window window) {
        this.http = http;
        this.events = new EventText(workload.chat());
        this.request = request;
        this.key = key.name();
        this.window = window;
        this.timeoutSeconds = workload.timeoutSeconds();
    }

    static Outcome call(Http http, Workload workload, Workload.Key key, int index, Window window) {
        return new Client(http, workload, key, workload.request(http, key, index), window).call();
    }

    private Outcome call() {
        sent = System.nanoTime();
        boolean leavesEarly = request.cancelAfter() == 0;
        long deadline = sent
                + (leavesEarly
                        ? TimeUnit.MILLISECONDS.toNanos(request.cancelMillis())
                        : TimeUnit.SECONDS.toNanos(timeoutSeconds));
        try {
            Connection connection = http.exchange(request.bytes(), deadline);
            boolean kept = false;
            try {
                Outcome outcome = read(connection);
                kept = outcome.kind() != Outcome.Kind.CANCELLED && outcome.kind() != Outcome.Kind.FAILED;
                if (kept) {
                    http.release(connection);
                }
                return outcome;
            } finally {
                if (!kept) {
                    connection.close();
                }
            }
        } catch (SocketTimeoutException e) {
            return leavesEarly
                    ? outcome(Outcome.Kind.CANCELLED, "")
                    : outcome(Outcome.Kind.FAILED, "timeout after " + timeoutSeconds + " s");
        } catch (IOException e) {
            String where = status == 0 ? "" : done ? "" : "broken stream: ";
            return outcome(Outcome.Kind.FAILED, where + message(e));
        }
    }

    private Outcome read(Connection connection) throws IOException {
        status = connection.status();
        retryAfter = connection.retryAfterSeconds();
        if (status != 200) {
            String body = connection.readBody();
            boolean refused = status == 429 || status == 503;
            return outcome(
                    refused ? Outcome.Kind.REFUSED : Outcome.Kind.FAILED,
                    "status " + status + (refused ? "" : ": " + body.substring(0, Math.min(300, body.length()))));
        }
        for (int length = connection.readBodyLine(); length >= 0; length = connection.readBodyLine()) {
            byte[] line = connection.line();
            int start = dataStart(line, length);
            if (start == 0) {
                continue;
            }
            System.arraycopy(line, start, line, 0, length - start);
            if (!event(line, length - start)) {
                String text = new String(line, 0, Math.min(300, length - start));
                return outcome(Outcome.Kind.FAILED, "error event: " + text);
            }
            if (request.cancelAfter() > 0 && outputs >= request.cancelAfter() && !done) {
                return outcome(Outcome.Kind.CANCELLED, "");
            }
        }
        return done
                ? outcome(Outcome.Kind.OK, "")
                : outcome(Outcome.Kind.FAILED, "broken stream: it ended without [DONE]");
    }

    /// False for an error.
    private boolean event(byte[] event, int length) {
        if (EventText.isDone(event, length)) {
            done = true;
            return true;
        }
        if (EventText.isError(event, length)) {
            return false;
        }
        if (events.hasOutput(event, length)) {
            long now = System.nanoTime();
            first = outputs == 0 ? now : first;
            outputs++;
            inWindow += window.contains(now) ? 1 : 0;
        }
        int counted = EventText.completionTokens(event, length);
        if (counted >= 0) {
            tokens = counted;
            promptTokens = Math.max(0, EventText.promptTokens(event, length));
            cachedTokens = Math.max(0, EventText.cachedTokens(event, length));
        }
        return true;
    }

    /// 0 where the line is no data.
    private static int dataStart(byte[] line, int length) {
        if (length < 6 || line[0] != 'd' || line[1] != 'a' || line[2] != 't' || line[3] != 'a' || line[4] != ':') {
            return 0;
        }
        return line[5] == ' ' ? 6 : 5;
    }

    private Outcome outcome(Outcome.Kind kind, String reason) {
        return new Outcome(
                key,
                kind,
                status,
                reason,
                sent,
                first,
                System.nanoTime(),
                tokens < 0 ? outputs : tokens,
                outputs,
                inWindow,
                promptTokens,
                cachedTokens,
                retryAfter);
    }

    private static String message(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
