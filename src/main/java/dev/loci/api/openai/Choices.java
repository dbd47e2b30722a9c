package dev.loci.api.openai;

import dev.loci.engine.GenerationEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// All generations of one order as they go on, and which of them make the answer.
final class Choices {
    private final Copies copies;
    private final List<Choice> candidates = new ArrayList<>();

    Choices(Order order) {
        this.copies = order.copies();
        for (int i = 0; i < order.generations().size(); i++) {
            candidates.add(new Choice(
                    order.logprobs(),
                    order.echo(i / copies.candidates()),
                    order.generations().get(i).memoryTrace()));
        }
    }

    int count() {
        return candidates.size();
    }

    /// @throws ApiException where the generation could not go on
    Piece on(int generation, GenerationEvent event) {
        return candidates.get(generation).on(event);
    }

    /// The generations that make the answer, in its order. Where more were made than are shown, those with the highest
    /// mean log-probability come first; of equals, the earlier one.
    List<Integer> shown() {
        boolean ranked = copies.candidates() > copies.choices();
        Comparator<Integer> best =
                Comparator.comparingDouble(index -> -candidates.get(index).meanLogprob());
        List<Integer> shown = new ArrayList<>();
        for (int first = 0; first < candidates.size(); first += copies.candidates()) {
            List<Integer> ofPrompt = IntStream.range(first, first + copies.candidates())
                    .boxed()
                    .sorted(ranked ? best : Comparator.naturalOrder())
                    .toList();
            shown.addAll(ofPrompt.subList(0, copies.choices()));
        }
        return shown;
    }

    /// A prompt counts once, whatever is made of it; new tokens count in every generation, shown or not.
    Wire.Usage usage() {
        int prompt = 0;
        int cached = 0;
        for (int first = 0; first < candidates.size(); first += copies.candidates()) {
            List<Choice> ofPrompt = candidates.subList(first, first + copies.candidates());
            prompt = Math.addExact(prompt, ofPrompt.getFirst().promptTokens());
            // a later candidate finds in the cache what the first one has just put there
            cached += ofPrompt.stream().mapToInt(Choice::cachedTokens).min().orElse(0);
        }
        int completion = candidates.stream().mapToInt(Choice::completionTokens).reduce(0, Math::addExact);
        return new Wire.Usage(
                prompt,
                completion,
                Math.addExact(prompt, completion),
                new Wire.PromptDetails(cached),
                Wire.CompletionDetails.NONE);
    }
}
