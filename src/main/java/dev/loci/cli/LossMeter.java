package dev.loci.cli;

import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Generator;
import dev.loci.engine.Sampling;
import dev.loci.engine.TokenScore;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/// Scores windows of a list of ids, a few at a time. A window of N predictions is N + 1 ids; nothing before it is seen.
final class LossMeter {
    /// Windows given to the engine at once: enough to keep its steps full while results come in.
    static final int IN_FLIGHT = 4;

    private final Generator generator;
    private final int predictions;
    private final int stride;

    /// @param nats        mean of the negative log-probabilities, in nats a token
    record Loss(double nats, int windows, long predictions) {}

    /// @param predictions of one window
    /// @param stride      ids from the start of a window to the start of the next
    LossMeter(Generator generator, int predictions, int stride) {
        this.generator = generator;
        this.predictions = predictions;
        this.stride = stride;
    }

    /// Whole windows that lie in a list of ids.
    static int windowsIn(int count, int predictions, int stride) {
        return count <= predictions ? 0 : (count - predictions - 1) / stride + 1;
    }

    /// Scores the first windows. Sums do not depend on the order in which windows end.
    Loss measure(int[] ids, int windows) throws InterruptedException {
        double[] sums = new double[windows];
        AtomicReference<Optional<String>> failure = new AtomicReference<>(Optional.empty());
        Semaphore room = new Semaphore(IN_FLIGHT);
        for (int window = 0; window < windows && failure.get().isEmpty(); window++) {
            room.acquire();
            int index = window;
            int from = Math.multiplyExact(window, stride);
            generator.submit(scoring(Arrays.copyOfRange(ids, from, from + predictions + 1)), event -> {
                switch (event) {
                    case GenerationEvent.PromptScored scored -> sums[index] = nats(scored.scores());
                    case GenerationEvent.Token _ -> {}
                    case GenerationEvent.Finished _ -> room.release();
                    case GenerationEvent.Failed failed -> {
                        failure.set(Optional.of(failed.message()));
                        room.release();
                    }
                }
            });
        }
        room.acquire(IN_FLIGHT);
        failure.get().ifPresent(message -> {
            throw CliException.of("engine", "scores", "one for each window", message);
        });
        long count = Math.multiplyExact((long) windows, predictions);
        return new Loss(Arrays.stream(sums).sum() / count, windows, count);
    }

    private static GenerationRequest scoring(int[] ids) {
        return new GenerationRequest(
                ids, 0, Sampling.GREEDY, List.of(), List.of(), true, OptionalInt.empty(), OptionalInt.of(0));
    }

    private static double nats(List<TokenScore> scores) {
        double sum = 0;
        for (TokenScore score : scores.subList(1, scores.size())) {
            sum -= score.logprob().orElseThrow();
        }
        return sum;
    }
}
