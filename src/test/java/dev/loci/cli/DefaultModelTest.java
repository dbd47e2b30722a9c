package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loci.app.ModelRuntime;
import dev.loci.app.RuntimeOptions;
import dev.loci.engine.EngineOptions;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Sampling;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.store.HugePages;
import dev.loci.tokenizer.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The committed model under default settings: its loss (src/test/resources/heldout says where the figures come from)
/// and its own greedy texts, on each instruction set that this machine has.
final class DefaultModelTest {
    private static final Path MODEL = Path.of("model-store/loci-mini");
    private static final Path TEXTS = Path.of("src/test/resources/heldout");
    private static final int WINDOW = 512;
    private static final int WINDOWS = 5;

    /// Of the weights in bf16, which this directory's were made from.
    private static final double BF16_NATS = 3.0611;

    private static final double NATS = 3.0644;

    /// With the keys of the memory layers in bf16.
    private static final double BF16_KEYS_NATS = 3.0631;

    private static final Map<String, String> ANSWERS = Map.of(
            "What is the capital of Italy?", "The capital of Italy is Rome.",
            "What is the capital of Kenya?", "The capital of Kenya is Nairobi.",
            "What is the capital of Japan?", "The capital of Japan is Tokyo.",
            "What is the capital of Brazil?", "The capital of Brazil is Rio de Janeiro.",
            "I want to book a table at a restaurant.", "What time would you like to make the reservation?",
            "I'm looking for a hotel.", "What city do you want to search in?");

    private static final Map<String, String> CONTINUATIONS = Map.of(
            "One day,",
            " Timmy was very tired. He wanted to play with his toys.\nTimmy's mom came to visit him. She saw Timmy's"
                    + " mom and dad. She said, \"Timmy,",
            "A bird is",
            " a small bird, with a long tail and a long tail. The male is similar in appearance to the female, but has"
                    + " a long tail and a long tail. The female is similar in appearance to");

    private static ModelRuntime open(Isa cap) {
        EngineOptions defaults = EngineOptions.DEFAULT;
        return ModelRuntime.open(new RuntimeOptions(
                MODEL,
                new KernelOptions(KernelBackend.NATIVE, 2, Optional.of(cap)),
                HugePages.OFF,
                new EngineOptions(
                        defaults.kvType(),
                        defaults.activations(),
                        defaults.kvBytes(),
                        LossMeter.IN_FLIGHT,
                        defaults.stepTokens(),
                        defaults.queueRequests()),
                Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource(
            value = Isa.class,
            names = {"GENERIC", "AVX2", "AVX512"})
    void losesWhatIsRecordedAndHardlyMoreThanBf16(Isa cap) throws Exception {
        double nats = 0;
        int windows = 0;
        double recorded;
        try (ModelRuntime runtime = open(cap)) {
            recorded = runtime.kernels().multipliesBf16() ? BF16_KEYS_NATS : NATS;
            for (String name : List.of("begonia.txt", "luigi-alamanni.txt", "quaternary.txt")) {
                int[] ids = runtime.tokenizer().encodePlain(text(name));
                LossMeter.Loss loss = new LossMeter(runtime.engine(), WINDOW, WINDOW)
                        .measure(ids, LossMeter.windowsIn(ids.length, WINDOW, WINDOW));
                nats += loss.nats() * loss.windows();
                windows += loss.windows();
            }
        }
        assertThat(windows).isEqualTo(WINDOWS);
        assertThat(nats / windows).isCloseTo(recorded, within(0.001));
        assertThat(nats / windows).isLessThan(1.003 * BF16_NATS);
    }

    private static String text(String name) throws IOException {
        return Files.readString(TEXTS.resolve(name));
    }

    @ParameterizedTest
    @EnumSource(
            value = Isa.class,
            names = {"GENERIC", "AVX2", "AVX512"})
    void writesItsOwnGreedyTexts(Isa cap) {
        try (ModelRuntime runtime = open(cap)) {
            ANSWERS.forEach((question, answer) -> {
                List<ChatMessage> messages = List.of(new ChatMessage(ChatMessage.Role.USER, question));
                int[] ids = runtime.chatTemplate().orElseThrow().encode(runtime.tokenizer(), messages, true);
                assertThat(greedy(runtime, ids)).as(question).isEqualTo(answer);
            });
            CONTINUATIONS.forEach((start, continuation) -> assertThat(
                            greedy(runtime, runtime.tokenizer().encode(start, true)))
                    .as(start)
                    .isEqualTo(continuation));
        }
    }

    private static String greedy(ModelRuntime runtime, int[] ids) {
        BlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
        runtime.engine()
                .submit(
                        new GenerationRequest(
                                ids,
                                40,
                                Sampling.GREEDY,
                                List.of(),
                                List.of(),
                                false,
                                OptionalInt.empty(),
                                OptionalInt.empty()),
                        events::add);
        StringBuilder text = new StringBuilder();
        while (true) {
            try {
                switch (events.take()) {
                    case GenerationEvent.PromptScored _ -> {}
                    case GenerationEvent.Token token -> text.append(token.text());
                    case GenerationEvent.Finished finished -> {
                        return text.append(finished.text()).toString();
                    }
                    case GenerationEvent.Failed failed -> throw new AssertionError(failed.message());
                }
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }
    }
}
