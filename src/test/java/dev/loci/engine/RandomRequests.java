package dev.loci.engine;

import dev.loci.engine.GenerationRequest.Client;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/// Requests with random prompts, many of which begin alike, and random values of every parameter.
final class RandomRequests {
    /// Below it lie the tokens that end a text.
    private static final int FIRST_ID = 2;

    private static final List<String> STOPS = List.of("e", " the", "ab", "\n", ". ", "qu", "zz");
    private static final int COMMON_TOKENS = 70;
    private static final int OWN_TOKENS = 60;

    private final Random random;
    private final int vocabSize;
    private final int maxTokens;
    private final int[] common;

    /// @param maxTokens new tokens of a request at most
    RandomRequests(long seed, int vocabSize, int maxTokens) {
        this.random = new Random(seed);
        this.vocabSize = vocabSize;
        this.maxTokens = maxTokens;
        this.common = ids(COMMON_TOKENS);
    }

    /// So many requests, each with one to three generations that share the array of their prompt, as `n` has them.
    List<GenerationRequest> generations(int requests) {
        List<GenerationRequest> all = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            int[] prompt = prompt();
            GenerationRequest first = request(prompt);
            int copies = Math.max(1, random.nextInt(8) - 4);
            for (int copy = 0; copy < copies; copy++) {
                all.add(copy == 0 ? first : withSeed(first, random.nextLong()));
            }
        }
        return all;
    }

    private int[] ids(int count) {
        return random.ints(count, FIRST_ID, vocabSize).toArray();
    }

    private int[] prompt() {
        int shared = random.nextBoolean() ? random.nextInt(common.length + 1) : 0;
        int[] own = ids(1 + random.nextInt(OWN_TOKENS));
        int[] prompt = new int[shared + own.length];
        System.arraycopy(common, 0, prompt, 0, shared);
        System.arraycopy(own, 0, prompt, shared, own.length);
        return prompt;
    }

    private GenerationRequest request(int[] prompt) {
        int newTokens = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(maxTokens);
        return new GenerationRequest(
                prompt,
                newTokens,
                rarely(3) ? random.nextInt(newTokens + 1) : 0,
                sampling(),
                rarely(3) ? List.of(pick(STOPS), pick(STOPS)) : List.of(),
                rarely(4) ? List.of(ids(1)[0], ids(1)[0]) : List.of(),
                random.nextBoolean(),
                random.nextBoolean() ? OptionalInt.of(random.nextInt(6)) : OptionalInt.empty(),
                newTokens == 0 || rarely(8) ? OptionalInt.of(random.nextInt(3)) : OptionalInt.empty(),
                new Client("key " + random.nextInt(3), random.nextInt(3) - 1, Optional.empty()));
    }

    private Sampling sampling() {
        return new Sampling(
                rarely(3) ? 0 : 2 * random.nextDouble(),
                rarely(2) ? 1 - random.nextDouble() : 1,
                rarely(2) ? random.nextInt(60) : 0,
                rarely(3) ? random.nextDouble() / 4 : 0,
                rarely(3) ? 0.8 + random.nextDouble() : 1,
                rarely(3) ? 4 * random.nextDouble() - 2 : 0,
                rarely(3) ? 4 * random.nextDouble() - 2 : 0,
                rarely(3) ? biases() : Map.of(),
                random.nextLong());
    }

    private Map<Integer, Double> biases() {
        Map<Integer, Double> biases = new HashMap<>();
        for (int id : ids(1 + random.nextInt(10))) {
            biases.put(id, 20 * random.nextDouble() - 10);
        }
        return biases;
    }

    private boolean rarely(int times) {
        return random.nextInt(times) == 0;
    }

    private String pick(List<String> texts) {
        return texts.get(random.nextInt(texts.size()));
    }

    private static GenerationRequest withSeed(GenerationRequest request, long seed) {
        Sampling first = request.sampling();
        return new GenerationRequest(
                request.prompt(),
                request.maxTokens(),
                request.minTokens(),
                new Sampling(
                        first.temperature(),
                        first.topP(),
                        first.topK(),
                        first.minP(),
                        first.repetitionPenalty(),
                        first.presencePenalty(),
                        first.frequencyPenalty(),
                        first.logitBias(),
                        seed),
                request.stop(),
                request.stopTokens(),
                request.ignoreEos(),
                request.topLogprobs(),
                request.promptScores(),
                request.client());
    }
}
