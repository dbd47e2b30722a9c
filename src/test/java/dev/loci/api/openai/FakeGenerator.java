package dev.loci.api.openai;

import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Generator;
import dev.loci.engine.MemoryHits;
import dev.loci.engine.TokenScore;
import dev.loci.grammar.Grammars;
import dev.loci.tokenizer.StreamingDecoder;
import dev.loci.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/// An engine without a model: plays a script, by default the beginning of a fixed text.
final class FakeGenerator implements Generator {
    /// Plays one request; an exception is the refusal of `submit`.
    interface Script {
        Generation play(GenerationRequest request, Consumer<? super GenerationEvent> sink);
    }

    private final Tokenizer tokenizer;
    private volatile Script script = this::answer;
    private volatile Optional<Grammars> grammars = Optional.empty();
    private volatile long maxAtOnce = Long.MAX_VALUE;

    FakeGenerator(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    void play(Script next) {
        script = next;
    }

    void playAnswer() {
        script = this::answer;
        maxAtOnce = Long.MAX_VALUE;
    }

    /// Until [#playAnswer].
    void setMaxAtOnce(long value) {
        maxAtOnce = value;
    }

    @Override
    public long maxAtOnce() {
        return maxAtOnce;
    }

    /// From now on; what is played is not held to any.
    void setGrammars(Optional<Grammars> value) {
        grammars = value;
    }

    @Override
    public Optional<Grammars> grammars() {
        return grammars;
    }

    @Override
    public Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink) {
        return script.play(request, sink);
    }

    /// The i-th token of anything has the log-probability -i / 2, and the ids after it are its alternatives.
    private static TokenScore score(int id, int i, int top) {
        List<TokenScore.Candidate> candidates = new ArrayList<>();
        for (int c = 0; c < top; c++) {
            candidates.add(new TokenScore.Candidate(id + c, -i / 2.0 - c));
        }
        return new TokenScore(id, i == 0 ? OptionalDouble.empty() : OptionalDouble.of(-i / 2.0), candidates);
    }

    /// The i-th token hits the rows i and i + 1 twice each of the first layer, and those of ten times i in the second.
    private static List<MemoryHits> memory(int i) {
        return List.of(memoryLayer(i), memoryLayer(10 * i));
    }

    private static MemoryHits memoryLayer(int row) {
        return new MemoryHits(List.of(
                new MemoryHits.Hit(row, 1),
                new MemoryHits.Hit(row + 1, 0.5f),
                new MemoryHits.Hit(row + 1, 2),
                new MemoryHits.Hit(row, 0.25f)));
    }

    private Generation answer(GenerationRequest request, Consumer<? super GenerationEvent> sink) {
        request.promptScores().ifPresent(top -> {
            List<TokenScore> scores = new ArrayList<>();
            for (int i = 0; i < request.prompt().length; i++) {
                scores.add(score(request.prompt()[i], i, i == 0 ? 0 : top));
            }
            sink.accept(new GenerationEvent.PromptScored(scores));
        });
        int[] ids = tokenizer.encodePlain(" the \u754C end");
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        int count = Math.min(ids.length, request.maxTokens());
        for (int i = 0; i < count; i++) {
            int id = ids[i];
            int place = i + 1;
            Optional<TokenScore> score = request.topLogprobs().stream()
                    .mapToObj(top -> score(id, place, top))
                    .findFirst();
            sink.accept(new GenerationEvent.Token(
                    id, decoder.push(id), score, request.memoryTrace() ? memory(i) : List.of()));
        }
        GenerationEvent.Reason reason =
                count < request.maxTokens() ? GenerationEvent.Reason.STOP : GenerationEvent.Reason.LENGTH;
        sink.accept(new GenerationEvent.Finished(
                reason, decoder.finish(), request.prompt().length, count, Optional.empty()));
        return () -> {};
    }
}
