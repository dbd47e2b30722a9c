package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationEvent.Finished;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationEvent.Token;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Generator;
import dev.loci.engine.Sampling;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ChatSessionTest {
    private static final List<GenerationEvent> HELLO = List.of(
            new Token(1, "Hel", Optional.empty()),
            new Token(2, "", Optional.empty()),
            new Finished(Reason.STOP, "lo", 5, 2, Optional.of("0")));

    private static ChatSession session(Generator generator, Streams streams) {
        Conversation conversation = new Conversation(
                messages -> Conversation.plainText(messages).chars().toArray(), Optional.empty(), 60);
        return new ChatSession(generator, conversation, Sampling.GREEDY, 10, streams);
    }

    @Test
    void printsNothingButAnswersIntoAPipe() throws IOException, InterruptedException {
        Captured captured = Captured.of("Hi\n\nYou\n", false);
        FakeGenerator generator = new FakeGenerator(_ -> HELLO);
        session(generator, captured.streams()).run();
        assertThat(captured.out()).isEqualTo("Hello\nHello\n");
        assertThat(captured.err()).isEmpty();
        assertThat(generator.requests)
                .extracting(request -> new String(request.prompt(), 0, request.prompt().length))
                .containsExactly("Hi", "HiHello\nYou");
    }

    @Test
    void promptsAndExplainsOnATerminal() throws IOException, InterruptedException {
        Captured captured = Captured.of("Hi\n/reset\n", true);
        FakeGenerator generator =
                new FakeGenerator(_ -> List.of(new Finished(Reason.LENGTH, "Hello", 5, 10, Optional.empty())));
        session(generator, captured.streams()).run();
        assertThat(captured.out())
                .isEqualTo("> Hello\n(cut after 10 tokens)\n> (everything said so far is forgotten)\n> \n");
    }

    @Test
    void forgetsAfterAReset() throws IOException, InterruptedException {
        FakeGenerator generator = new FakeGenerator(_ -> HELLO);
        session(generator, Captured.of("Hi\n/reset\nYou", false).streams()).run();
        assertThat(generator.requests.getLast().prompt()).containsExactly('Y', 'o', 'u');
    }

    @Test
    void goesOnAfterAMessageThatIsTooLong() throws IOException, InterruptedException {
        Captured captured = Captured.of("x".repeat(61) + "\nHi\n", false);
        session(new FakeGenerator(_ -> HELLO), captured.streams()).run();
        assertThat(captured.out()).isEqualTo("Hello\n");
        assertThat(captured.err()).isEqualTo("chat, tokens of the message: expected at most 60, found 61\n");
    }

    @Test
    void stopsTheAnswerThatIsBeingWritten() throws InterruptedException {
        Generator endless = (_, sink) -> {
            sink.accept(new Token(1, "word", Optional.empty()));
            return () -> sink.accept(new Finished(Reason.CANCELLED, "", 2, 1, Optional.empty()));
        };
        Captured captured = Captured.of("Hi\n", true);
        ChatSession session = session(endless, captured.streams());
        Thread chat = Thread.ofVirtual().start(() -> {
            try {
                session.run();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        // The word is printed once the generation can be cancelled.
        while (!captured.out().contains("word")) {
            Thread.onSpinWait();
        }
        session.interrupt();
        chat.join();
        assertThat(captured.out()).isEqualTo("> word\n(stopped)\n> \n");
    }

    @Test
    void explainsCtrlCWhereNothingRuns() {
        Captured captured = Captured.of("", true);
        session(new FakeGenerator(_ -> HELLO), captured.streams()).interrupt();
        assertThat(captured.out()).isEqualTo("\n(Ctrl-D ends the chat)\n> ");
    }

    @Test
    void endsWhereTheEngineFails() {
        FakeGenerator generator = new FakeGenerator(
                _ -> List.of(new GenerationEvent.Failed(GenerationEvent.Cause.DAMAGED, "a table shrank")));
        ChatSession session = session(generator, Captured.of("Hi\n", false).streams());
        assertThatThrownBy(session::run)
                .isInstanceOf(CliException.class)
                .hasMessage("engine, answer: expected one, found a table shrank");
    }

    @Test
    void asksForTheModelsOwnStopTokens() throws IOException, InterruptedException {
        FakeGenerator generator = new FakeGenerator(_ -> HELLO);
        session(generator, Captured.of("Hi\n", false).streams()).run();
        assertThat(generator.requests.getFirst())
                .extracting(GenerationRequest::ignoreEos, GenerationRequest::maxTokens)
                .containsExactly(false, 10);
    }
}
