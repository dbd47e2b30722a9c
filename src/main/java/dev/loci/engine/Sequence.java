package dev.loci.engine;

import dev.loci.tokenizer.StreamingDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;

/// One request on its way: its ids, how far it has run, and what its client has been told. All but [#cancel] belong
/// to the step loop thread.
final class Sequence implements Generation {
    private final GenerationRequest request;
    private final Consumer<? super GenerationEvent> sink;
    private final Runnable wake;
    private final Set<Integer> stopTokens;
    private final StreamingDecoder decoder;
    private final StopStrings stopStrings;
    private final int[] ids;
    private final List<TokenScore> promptScores = new ArrayList<>();
    private int length;
    private int computed;
    private int row = -1;
    private boolean finished;
    private volatile boolean cancelled;

    /// @param stopTokens ids that end this generation
    /// @param wake       lets the step loop look at cancellations
    Sequence(
            GenerationRequest request,
            Consumer<? super GenerationEvent> sink,
            Set<Integer> stopTokens,
            StreamingDecoder decoder,
            Runnable wake) {
        this.request = request;
        this.sink = sink;
        this.stopTokens = stopTokens;
        this.decoder = decoder;
        this.wake = wake;
        this.stopStrings = new StopStrings(request.stop());
        this.ids = Arrays.copyOf(request.prompt(), request.prompt().length + request.maxTokens());
        this.length = request.prompt().length;
        if (request.promptScores().isPresent()) {
            promptScores.add(new TokenScore(ids[0], OptionalDouble.empty(), List.of()));
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        wake.run();
    }

    boolean cancelled() {
        return cancelled;
    }

    boolean finished() {
        return finished;
    }

    GenerationRequest request() {
        return request;
    }

    /// Row of the page table, -1 while waiting.
    int row() {
        return row;
    }

    void assignRow(int assigned) {
        row = assigned;
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

    void advance(int tokens) {
        computed += tokens;
    }

    int id(int position) {
        return ids[position];
    }

    /// Whether logits after this position are wanted: to draw the next token, or to score one of the prompt.
    boolean wantsLogits(int position) {
        boolean draws = position == length - 1 && request.maxTokens() > 0;
        boolean scores = request.promptScores().isPresent() && position + 1 < request.prompt().length;
        return draws || scores;
    }

    /// Asks for what the logits after a position are wanted for.
    void ask(int position, BatchSampler sampler) {
        int promptLength = request.prompt().length;
        if (position + 1 < promptLength) {
            sampler.given(ids[position + 1], request.promptScores().orElse(0));
            return;
        }
        int number = length - promptLength;
        int[] banned = number < request.minTokens()
                ? stopTokens.stream().mapToInt(Integer::intValue).toArray()
                : new int[0];
        int alternatives = request.topLogprobs().orElse(-1);
        sampler.draw(request.sampling(), number, ids, promptLength, length, alternatives, banned);
    }

    /// Takes the answer.
    void accept(int position, BatchSampler sampler, int row) {
        if (!sampler.finite(row)) {
            fail("the model's logits after position " + position + " are not finite");
            return;
        }
        if (position + 1 < request.prompt().length) {
            promptScores.add(sampler.score(row).orElseThrow());
            return;
        }
        promptDone();
        int number = length - request.prompt().length;
        int id = sampler.id(row);
        Optional<TokenScore> score = sampler.score(row);
        ids[length++] = id;
        if (stopTokens.contains(id)) {
            emit(new GenerationEvent.Token(id, "", score));
            finish(GenerationEvent.Reason.STOP, remainder(), Optional.of(Integer.toString(id)));
            return;
        }
        StopStrings.Shown shown = stopStrings.push(decoder.push(id));
        emit(new GenerationEvent.Token(id, shown.text(), score));
        if (shown.matched().isPresent()) {
            finish(GenerationEvent.Reason.STOP, "", shown.matched());
        } else if (number + 1 == request.maxTokens()) {
            finishAtLength();
        }
    }

    /// Ends a sequence that only scores, once all of its prompt has run.
    void finishScoring() {
        promptDone();
        finish(GenerationEvent.Reason.LENGTH, "", Optional.empty());
    }

    void finishCancelled() {
        finish(GenerationEvent.Reason.CANCELLED, "", Optional.empty());
    }

    /// Ends without a word: the client cannot be told.
    void abandon() {
        finished = true;
    }

    void fail(String message) {
        if (!finished) {
            finished = true;
            emit(new GenerationEvent.Failed(message));
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

    private void finish(GenerationEvent.Reason reason, String text, Optional<String> stoppedBy) {
        if (!finished) {
            finished = true;
            emit(new GenerationEvent.Finished(
                    reason, text, request.prompt().length, length - request.prompt().length, stoppedBy));
        }
    }

    private void emit(GenerationEvent event) {
        sink.accept(event);
    }
}
