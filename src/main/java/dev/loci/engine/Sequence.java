package dev.loci.engine;

import dev.loci.grammar.TokenMask;
import dev.loci.tokenizer.StreamingDecoder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// One request on its way: its ids, how far it has run, and what its client has been told. All but
/// [#cancel], [#pause] and [#resume] belong to
/// the step loop thread.
final class Sequence implements Generation {
    private static final System.Logger LOG = System.getLogger(Sequence.class.getName());
    private static final int NO_ROW = -1;
    private static final int NO_SCORE = -1;
    private static final int[] NOTHING = {};

    private final GenerationRequest request;
    private final Consumer<? super GenerationEvent> sink;
    private final Runnable flush;
    private final Runnable wake;
    private final long arrival;
    private final long submittedAt;
    private final long deadline;
    private final int[] suppressed;
    private final StreamingDecoder decoder;
    private final StopStrings stopStrings;
    private final Optional<Guide> guide;
    private final int[] ids;
    private final List<TokenScore> promptScores = new ArrayList<>();
    private int scored = 1;
    private int length;
    private int computed;
    private int cachedTokens;
    private int row = NO_ROW;
    private int planned;
    private int forcedLast;
    private Account account;
    private boolean started;
    private boolean lookedUp;
    private StoredPrefixes.Lookup brought; // null while it brings nothing
    private long startedAt;
    private long firstTokenAt;
    private long lastTokenAt;
    private int preemptions;
    private Optional<GenerationEvent.Reason> reason = Optional.empty();
    private Optional<GenerationEvent.Cause> failure = Optional.empty();
    private volatile long endedAt;
    private boolean finished;
    private volatile boolean cancelled;
    private volatile boolean paused;

    /// @param flush      run after events, once for all of a step
    /// @param arrival    orders sequences; no two have the same
    /// @param stopTokens ids that end this generation
    /// @param wake       lets the step loop look at cancellations
    /// @param maskThreads that masks of a grammar are worked out on
    Sequence(
            GenerationRequest request,
            Consumer<? super GenerationEvent> sink,
            Runnable flush,
            long arrival,
            Set<Integer> stopTokens,
            StreamingDecoder decoder,
            Runnable wake,
            Executor maskThreads) {
        this.request = request;
        this.sink = sink;
        this.flush = flush;
        this.arrival = arrival;
        this.submittedAt = System.nanoTime();
        this.deadline = submittedAt
                + request.client()
                        .timeout()
                        .map(limit -> Math.max(0, limit.toNanos()))
                        .orElse(0L);
        this.suppressed = stopTokens.stream().mapToInt(Integer::intValue).toArray();
        this.decoder = decoder;
        this.wake = wake;
        this.stopStrings = new StopStrings(request.stop());
        this.guide = request.grammar().map(grammar -> new Guide(grammar, mayForce(request), maskThreads));
        this.ids = Arrays.copyOf(request.prompt(), request.prompt().length + request.maxTokens());
        this.length = request.prompt().length;
        if (request.promptScores().isPresent()) {
            promptScores.add(new TokenScore(ids[0], OptionalDouble.empty(), List.of()));
        }
    }

    /// Whether nothing is told of a new token that only the logits before it say.
    private static boolean mayForce(GenerationRequest request) {
        return request.topLogprobs().isEmpty() && request.promptScores().isEmpty() && !request.memoryTrace();
    }

    @Override
    public void cancel() {
        cancelled = true;
        wake.run();
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        wake.run();
    }

    boolean paused() {
        return paused;
    }

    @Override
    public Optional<Progress> progress() {
        long ended = endedAt;
        return Optional.of(new Progress(
                submittedAt,
                startedAt,
                firstTokenAt,
                ended,
                request.prompt().length,
                cachedTokens,
                length - request.prompt().length,
                preemptions,
                reason,
                failure));
    }

    /// Lets the client hand its events on. To be called after [#take]; the others that tell the client do it
    /// themselves. Whoever cannot hand events on, such as a server that ends, ends nobody else's generation.
    void flush() {
        try {
            flush.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "clients cannot be told of their tokens", e);
        }
    }

    /// Whether one [#flush] hands the events of both on.
    boolean flushesWith(Sequence other) {
        return flush == other.flush;
    }

    boolean finished() {
        return finished;
    }

    GenerationRequest request() {
        return request;
    }

    long arrival() {
        return arrival;
    }

    /// What its key has, from the scheduler's first sight of it on.
    Account account() {
        return account;
    }

    void bookOn(Account keysAccount) {
        account = keysAccount;
    }

    /// Prompt, then what has been drawn; not to be modified.
    int[] ids() {
        return ids;
    }

    /// Ids so far.
    int length() {
        return length;
    }

    /// Row of the page table, -1 while waiting.
    int row() {
        return row;
    }

    /// Whether the store outside has been asked for its prompt.
    boolean lookedUp() {
        return lookedUp;
    }

    /// Brings pages of its prompt from outside, until it starts, is set aside or ends. Called before the step loop has
    /// it.
    void bring(StoredPrefixes.Lookup pages) {
        brought = pages;
        lookedUp = true;
    }

    /// Comes from outside as it was.
    void bringNothing() {
        lookedUp = true;
    }

    /// The page from outside that begins with this token, if there is one.
    Optional<MemorySegment> broughtPage(int token) {
        return brought == null ? Optional.empty() : brought.page(token);
    }

    private void dropBrought() {
        StoredPrefixes.Lookup dropped = brought;
        brought = null;
        if (dropped != null) {
            dropped.drop();
        }
    }

    /// Whether it has ever run.
    boolean started() {
        return started;
    }

    /// Begins to run, or goes on after it had stopped.
    /// @param held tokens whose keys and values the row has already
    void start(int assignedRow, int held) {
        row = assignedRow;
        computed = held;
        if (!started) {
            started = true;
            startedAt = System.nanoTime();
            cachedTokens = held;
        }
        dropBrought();
    }

    /// Counts that it had to give its pages back.
    void preempted() {
        preemptions++;
    }

    /// Is told nothing for a while: that is no gap between two tokens.
    void setAside() {
        lastTokenAt = 0;
        dropBrought();
    }

    /// Waits again, without keys and values.
    void stop() {
        row = NO_ROW;
        computed = 0;
    }

    /// Whether another sequence's work on the same prompt serves this one too.
    boolean sharesPrompt() {
        return request.promptScores().isEmpty();
    }

    /// Tokens whose keys and values may come from elsewhere: all but those after which logits are still wanted.
    int reusableTokens() {
        int free = request.promptScores().isPresent() && scored < request.prompt().length ? scored - 1 : length - 1;
        return Math.min(free, tokensToRun());
    }

    /// Tokens that go through the model: the last new token's logits are never needed, and a prompt that is only scored
    /// needs none after its last token.
    int tokensToRun() {
        return neededTokens(request);
    }

    static int neededTokens(GenerationRequest request) {
        if (request.maxTokens() == 0 && request.promptScores().isEmpty()) {
            return 0;
        }
        return request.prompt().length + request.maxTokens() - 1;
    }

    /// Tokens that can run now.
    int ready() {
        return Math.min(length, tokensToRun()) - computed;
    }

    int computed() {
        return computed;
    }

    /// Whether what can run now is what it goes on with: its last token, or those that had to follow it.
    boolean generating() {
        int ready = ready();
        return ready > 0 && ready <= 1 + forcedLast;
    }

    /// Tokens that it has in the step.
    int planned() {
        return planned;
    }

    void plan(int tokens) {
        planned = tokens;
    }

    void advance(int tokens) {
        computed += tokens;
    }

    int id(int position) {
        return ids[position];
    }

    /// Whether logits after this position are wanted: to draw the next token, or to score one of the prompt.
    boolean wantsLogits(int position) {
        boolean draws = position == length - 1 && request.maxTokens() > 0;
        return draws || scores(position);
    }

    /// Whether what the memory layers hit for the token at this position is told with the one drawn after it.
    boolean wantsTrace(int position) {
        return request.memoryTrace() && position == length - 1 && request.maxTokens() > 0;
    }

    private boolean scores(int position) {
        return request.promptScores().isPresent() && position + 1 < request.prompt().length && position + 1 >= scored;
    }

    /// Whether the next token's mask is still being worked out, or is not its turn yet: then [#skip] instead of [#ask].
    boolean waitsForMask(int position) {
        return position + 1 >= request.prompt().length
                && guide.isPresent()
                && !guide.get().ready();
    }

    /// Waits until the next token's mask is there.
    void awaitMask(int position) {
        if (waitsForMask(position)) {
            guide.get().await();
        }
    }

    /// Whether it has an answer, which may go on by what is [#forced].
    boolean answering() {
        return length > request.prompt().length;
    }

    /// Whether it is known that one token alone may come next, and the client takes any: then [#takeForced].
    boolean forced() {
        return !finished
                && !paused
                && !cancelled
                && guide.isPresent()
                && guide.get().forced().isPresent();
    }

    /// Appends the token that has to come next.
    void takeForced() {
        forcedLast++;
        append(guide.orElseThrow().forced().orElseThrow(), Optional.empty(), List.of());
    }

    /// Leaves the logits after its last token unused, for what comes next is [#forced].
    void leave(BatchSampler sampler) {
        sampler.given(0, NO_SCORE);
    }

    /// Leaves the logits after its last token unused: that token goes through the model once more, with the same
    /// result,
    /// in the next step.
    void skip(BatchSampler sampler) {
        leave(sampler);
        computed--;
    }

    /// Puts into the sampler what the logits after a position are wanted for.
    void ask(int position, BatchSampler sampler) {
        if (position + 1 < request.prompt().length) {
            sampler.given(ids[position + 1], request.promptScores().orElse(0));
            return;
        }
        int number = length - request.prompt().length;
        int[] banned = number < request.minTokens() ? suppressed : NOTHING;
        int scores = request.topLogprobs().orElse(NO_SCORE);
        if (guide.isEmpty()) {
            sampler.draw(request.sampling(), number, ids, request.prompt().length, length, scores, banned);
            return;
        }
        TokenMask mask = guide.get().mask();
        // where the text has to end here, a minimum of tokens cannot be kept
        int[] spared = mask.count() > banned.length ? banned : NOTHING;
        sampler.draw(request.sampling(), number, ids, request.prompt().length, length, scores, spared, mask);
    }

    /// Notes when a new token came.
    /// @return nanoseconds since the token before, or -1 for the first, and for the first after a pause
    long drew(long now) {
        long gap = -1;
        if (firstTokenAt == 0) {
            firstTokenAt = now;
        } else if (lastTokenAt != 0) {
            gap = now - lastTokenAt;
        }
        lastTokenAt = now;
        return gap;
    }

    /// Takes the sampler's answer for a position.
    /// @param memory what the memory layers hit there, where that is wanted
    /// @return whether it was a new token
    boolean take(int position, BatchSampler sampler, int answer, List<MemoryHits> memory) {
        if (!sampler.finite(answer)) {
            fail(GenerationEvent.Cause.STEP, "the model's logits after token " + position + " are not finite");
            return false;
        }
        if (position + 1 < request.prompt().length) {
            promptScores.add(sampler.score(answer).orElseThrow());
            scored++;
            return false;
        }
        promptDone();
        forcedLast = 0;
        append(sampler.id(answer), sampler.score(answer), memory);
        return true;
    }

    private void append(int id, Optional<TokenScore> score, List<MemoryHits> memory) {
        ids[length++] = id;
        int drawn = length - request.prompt().length;
        if (stops(id)) {
            emit(new GenerationEvent.Token(id, "", score, memory));
            finish(GenerationEvent.Reason.STOP, remainder(), Optional.of(Integer.toString(id)));
            return;
        }
        String text = decoder.push(id);
        Optional<String> stopped = Optional.empty();
        if (!stopStrings.isEmpty()) {
            StopStrings.Shown shown = stopStrings.push(text);
            text = shown.text();
            stopped = shown.matched();
        }
        emit(new GenerationEvent.Token(id, text, score, memory));
        if (stopped.isPresent()) {
            finish(GenerationEvent.Reason.STOP, "", stopped);
        } else if (guide.isPresent() && guide.get().take(id)) {
            finish(GenerationEvent.Reason.STOP, remainder(), Optional.empty());
        } else if (drawn == request.maxTokens()) {
            finishAtLength();
        }
    }

    private boolean stops(int id) {
        for (int stop : suppressed) {
            if (stop == id) {
                return true;
            }
        }
        return false;
    }

    /// Ends a sequence that only scores, once all of its prompt has run.
    void finishScoring() {
        promptDone();
        finish(GenerationEvent.Reason.LENGTH, "", Optional.empty());
        flush();
    }

    /// Nanoseconds until its time is up, below 1 when it is; [Long#MAX_VALUE] where it has as long as it takes.
    /// @param now as [System#nanoTime] gives it
    long timeLeft(long now) {
        return request.client().timeout().isPresent() ? deadline - now : Long.MAX_VALUE;
    }

    /// Whether nobody waits for it any more.
    /// @param now as [System#nanoTime] gives it
    boolean overdue(long now) {
        return cancelled || timeLeft(now) <= 0;
    }

    /// Ends it if its client has cancelled it or its time is up.
    /// @param now as [System#nanoTime] gives it
    void endIfOverdue(long now) {
        if (cancelled) {
            finish(GenerationEvent.Reason.CANCELLED, "", Optional.empty());
            flush();
        } else if (timeLeft(now) <= 0) {
            fail(
                    GenerationEvent.Cause.TIMEOUT,
                    "request, time: expected at most "
                            + request.client().timeout().get() + ", found more");
        }
    }

    void fail(GenerationEvent.Cause cause, String message) {
        if (!finished) {
            end(Optional.empty(), Optional.of(cause));
            emit(new GenerationEvent.Failed(cause, message));
            flush();
        }
    }

    private void finishAtLength() {
        StopStrings.Shown last = stopStrings.push(decoder.finish());
        if (last.matched().isPresent()) {
            finish(GenerationEvent.Reason.STOP, last.text(), last.matched());
        } else {
            finish(GenerationEvent.Reason.LENGTH, last.text() + stopStrings.finish(), Optional.empty());
        }
    }

    private String remainder() {
        return stopStrings.push(decoder.finish()).text() + stopStrings.finish();
    }

    private void promptDone() {
        if (!promptScores.isEmpty()) {
            emit(new GenerationEvent.PromptScored(promptScores));
            promptScores.clear();
        }
    }

    private void finish(GenerationEvent.Reason why, String text, Optional<String> stoppedBy) {
        if (!finished) {
            end(Optional.of(why), Optional.empty());
            emit(new GenerationEvent.Finished(
                    why, text, request.prompt().length, cachedTokens, length - request.prompt().length, stoppedBy));
        }
    }

    private void end(Optional<GenerationEvent.Reason> why, Optional<GenerationEvent.Cause> cause) {
        finished = true;
        reason = why;
        failure = cause;
        endedAt = System.nanoTime();
        dropBrought();
    }

    /// Tells the client. A client that throws is told that its request has failed, and nothing more.
    private void emit(GenerationEvent event) {
        try {
            sink.accept(event);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a request failed and is ended", e);
            end(Optional.empty(), Optional.of(GenerationEvent.Cause.STEP));
            tellOfFailure();
        }
    }

    private void tellOfFailure() {
        try {
            sink.accept(new GenerationEvent.Failed(
                    GenerationEvent.Cause.STEP, "the engine could not go on with this request"));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a client cannot be told of it", e);
        }
    }
}
