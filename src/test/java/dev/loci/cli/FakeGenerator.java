package dev.loci.cli;

import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// Answers each request at once with the events that a function gives.
final class FakeGenerator implements Generator {
    final List<GenerationRequest> requests = new ArrayList<>();
    int cancelled;
    private final Function<GenerationRequest, List<GenerationEvent>> answers;

    FakeGenerator(Function<GenerationRequest, List<GenerationEvent>> answers) {
        this.answers = answers;
    }

    @Override
    public Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink) {
        requests.add(request);
        answers.apply(request).forEach(sink);
        return () -> cancelled++;
    }
}
