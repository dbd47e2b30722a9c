package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.TokenScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LossMeterTest {
    /// The log-probability of id i is -i / 4.
    private static List<GenerationEvent> score(GenerationRequest request) {
        List<TokenScore> scores = new ArrayList<>();
        for (int id : request.prompt()) {
            OptionalDouble logprob = scores.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(-id / 4.0);
            scores.add(new TokenScore(id, logprob, List.of()));
        }
        return List.of(
                new GenerationEvent.PromptScored(scores),
                new GenerationEvent.Finished(Reason.LENGTH, "", scores.size(), 0, Optional.empty()));
    }

    @Test
    void averagesTheScoresOfAllPredictions() throws InterruptedException {
        FakeGenerator generator = new FakeGenerator(LossMeterTest::score);
        int[] ids = {100, 1, 2, 3, 4, 5, 6};
        LossMeter.Loss loss = new LossMeter(generator, 2, 2).measure(ids, 3);
        assertThat(loss).isEqualTo(new LossMeter.Loss(21 / 4.0 / 6, 3, 6));
        assertThat(generator.requests)
                .extracting(GenerationRequest::prompt)
                .containsExactly(new int[] {100, 1, 2}, new int[] {2, 3, 4}, new int[] {4, 5, 6});
        assertThat(generator.requests)
                .allSatisfy(request -> assertThat(request.maxTokens()).isZero());
    }

    @Test
    void countsWindowsThatLieWithin() {
        assertThat(LossMeter.windowsIn(1024, 1024, 1024)).isZero();
        assertThat(LossMeter.windowsIn(1025, 1024, 1024)).isEqualTo(1);
        assertThat(LossMeter.windowsIn(2048, 1024, 1024)).isEqualTo(1);
        assertThat(LossMeter.windowsIn(2049, 1024, 1024)).isEqualTo(2);
        assertThat(LossMeter.windowsIn(1026, 1024, 1)).isEqualTo(2);
        assertThat(LossMeter.windowsIn(Integer.MAX_VALUE, 1, 1)).isEqualTo(Integer.MAX_VALUE - 1);
    }

    @Test
    void scoresMoreWindowsThanItKeepsInFlight() throws InterruptedException {
        int[] ids = IntStream.range(0, 100).toArray();
        LossMeter.Loss loss = new LossMeter(new FakeGenerator(LossMeterTest::score), 1, 1).measure(ids, 99);
        assertThat(loss.nats()).isEqualTo(50 / 4.0);
        assertThat(loss.predictions()).isEqualTo(99);
    }

    @Test
    void tellsWhyTheEngineFailed() {
        FakeGenerator generator = new FakeGenerator(
                _ -> List.of(new GenerationEvent.Failed(GenerationEvent.Cause.DAMAGED, "a table shrank")));
        assertThatThrownBy(() -> new LossMeter(generator, 2, 2).measure(new int[] {1, 2, 3}, 1))
                .isInstanceOf(CliException.class)
                .hasMessage("engine, scores: expected one for each window, found a table shrank");
    }
}
