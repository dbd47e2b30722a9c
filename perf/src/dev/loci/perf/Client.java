package dev.loci.perf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Follows the answer to one request to its end, or to the token at which the client leaves. For the thread of a
/// [Loop].
final class Client {
    /// Outputs count for throughput where they come in it. Times as [System#nanoTime] counts.
    record Window(long start, long end) {
        boolean contains(long nanos) {
            return nanos - start >= 0 && nanos - end < 0;
        }
    }

    private static final int SHOWN = 300;

    private final EventText event;
    private final Workload.Request request;
    private final String key;
    private final Window window;
    private final int timeoutSeconds;
    private final long sent;

    private long first;
    private int status;
    private int outputs;
    private int inWindow;
    private int tokens = -1;
    private int promptTokens;
    private int cachedTokens;
    private int retryAfter = -1;
    private boolean done;

    Client(Workload workload, Workload.Key key, Workload.Request request, Window window) {
        this.event = new EventText(workload.chat());
        this.request = request;
        this.key = key.name();
        this.window = window;
        this.timeoutSeconds = workload.timeoutSeconds();
        this.sent = System.nanoTime();
    }

    byte[] request() {
        return request.bytes();
    }

    private boolean leavesEarly() {
        return request.cancelAfter() == 0;
    }

    long deadline() {
        return sent
                + (leavesEarly()
                        ? TimeUnit.MILLISECONDS.toNanos(request.cancelMillis())
                        : TimeUnit.SECONDS.toNanos(timeoutSeconds));
    }

    Outcome timedOut() {
        return leavesEarly()
                ? outcome(Outcome.Kind.CANCELLED, "")
                : outcome(Outcome.Kind.FAILED, "timeout after " + timeoutSeconds + " s");
    }

    Outcome failed(IOException e) {
        String where = status == 0 ? "" : done ? "" : "broken stream: ";
        return outcome(Outcome.Kind.FAILED, where + e.getClass().getSimpleName() + ": " + e.getMessage());
    }

    /// Reads what has come; there is an outcome when the answer is over, or the client leaves.
    Optional<Outcome> read(Answer answer) throws IOException {
        if (!answer.readHead()) {
            return Optional.empty();
        }
        status = answer.status();
        retryAfter = answer.retryAfterSeconds();
        return status == 200 ? readStream(answer) : readRefusal(answer);
    }

    private Optional<Outcome> readRefusal(Answer answer) throws IOException {
        int length = answer.rest();
        if (length == Answer.MORE) {
            return Optional.empty();
        }
        if (status == 429 || status == 503) {
            return Optional.of(outcome(Outcome.Kind.REFUSED, "status " + status));
        }
        String body = new String(answer.line(), 0, length, StandardCharsets.UTF_8);
        return Optional.of(outcome(
                Outcome.Kind.FAILED, "status " + status + ": " + body.substring(0, Math.min(SHOWN, body.length()))));
    }

    private Optional<Outcome> readStream(Answer answer) throws IOException {
        int length = answer.nextLine();
        for (; length >= 0; length = answer.nextLine()) {
            byte[] line = answer.line();
            int start = EventText.dataStart(line, length);
            if (start > 0 && !readEvent(line, start, length)) {
                String text = new String(line, start, Math.min(SHOWN, length - start), StandardCharsets.UTF_8);
                return Optional.of(outcome(Outcome.Kind.FAILED, "error event: " + text));
            }
            if (request.cancelAfter() > 0 && outputs >= request.cancelAfter() && !done) {
                return Optional.of(outcome(Outcome.Kind.CANCELLED, ""));
            }
        }
        if (length == Answer.MORE) {
            return Optional.empty();
        }
        return Optional.of(
                done
                        ? outcome(Outcome.Kind.OK, "")
                        : outcome(Outcome.Kind.FAILED, "broken stream: it ended without [DONE]"));
    }

    /// False for an error.
    private boolean readEvent(byte[] line, int start, int end) {
        if (EventText.isDone(line, start, end)) {
            done = true;
            return true;
        }
        event.read(line, start, end);
        if (event.isError()) {
            return false;
        }
        if (event.hasOutput()) {
            long now = System.nanoTime();
            first = outputs == 0 ? now : first;
            outputs++;
            inWindow += window.contains(now) ? 1 : 0;
        }
        if (event.completionTokens() >= 0) {
            tokens = event.completionTokens();
            promptTokens = Math.max(0, event.promptTokens());
            cachedTokens = Math.max(0, event.cachedTokens());
        }
        return true;
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
}
