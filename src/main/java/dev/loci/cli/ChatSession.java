package dev.loci.cli;

import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Generator;
import dev.loci.engine.Sampling;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;

/// Questions from a stream, answers to another as they are generated. On a terminal with prompts and notes; otherwise
/// one
/// question a line, and nothing but answers.
final class ChatSession {
    static final String RESET = "/reset";
    private static final String PROMPT = "> ";

    private final Generator generator;
    private final Conversation conversation;
    private final Sampling sampling;
    private final int maxTokens;
    private final Streams streams;
    private final AtomicReference<Optional<Generation>> running = new AtomicReference<>(Optional.empty());

    ChatSession(Generator generator, Conversation conversation, Sampling sampling, int maxTokens, Streams streams) {
        this.generator = generator;
        this.conversation = conversation;
        this.sampling = sampling;
        this.maxTokens = maxTokens;
        this.streams = streams;
    }

    /// Answers until the input ends.
    void run() throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(streams.in(), StandardCharsets.UTF_8));
        prompt();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.strip().equals(RESET)) {
                conversation.reset();
                note("everything said so far is forgotten");
            } else if (!line.isBlank()) {
                turn(line);
            }
            prompt();
        }
        if (streams.terminal()) {
            streams.out().println();
        }
    }

    /// Stops the answer that is being written, if there is one.
    void interrupt() {
        running.get().ifPresentOrElse(Generation::cancel, () -> {
            streams.out().println();
            note("Ctrl-D ends the chat");
            prompt();
        });
    }

    private void prompt() {
        if (streams.terminal()) {
            streams.out().print(PROMPT);
            streams.out().flush();
        }
    }

    private void note(String text) {
        if (streams.terminal()) {
            streams.out().println("(" + text + ")");
        }
    }

    private void turn(String question) throws InterruptedException {
        Conversation.Prompt prompt;
        try {
            prompt = conversation.ask(question);
        } catch (CliException e) {
            streams.err().println(e.getMessage());
            return;
        }
        if (prompt.dropped() > 0) {
            note("the context is full: the oldest " + prompt.dropped() + " messages are forgotten");
        }
        conversation.answered(answer(prompt.ids()));
    }

    private String answer(int[] prompt) throws InterruptedException {
        BlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
        GenerationRequest request = new GenerationRequest(
                prompt, maxTokens, sampling, List.of(), List.of(), false, OptionalInt.empty(), OptionalInt.empty());
        running.set(Optional.of(generator.submit(request, events::add)));
        try {
            return print(events);
        } finally {
            running.set(Optional.empty());
        }
    }

    private String print(BlockingQueue<GenerationEvent> events) throws InterruptedException {
        StringBuilder answer = new StringBuilder();
        PrintStream out = streams.out();
        while (true) {
            switch (events.take()) {
                case GenerationEvent.PromptScored _ -> {}
                case GenerationEvent.Token token -> {
                    answer.append(token.text());
                    out.print(token.text());
                    out.flush();
                }
                case GenerationEvent.Finished finished -> {
                    answer.append(finished.text());
                    out.println(finished.text());
                    noteEnd(finished);
                    return answer.toString();
                }
                case GenerationEvent.Failed failed ->
                    throw CliException.of("engine", "answer", "one", failed.message());
            }
        }
    }

    private void noteEnd(GenerationEvent.Finished finished) {
        switch (finished.reason()) {
            case STOP -> {}
            case LENGTH -> note("cut after " + finished.completionTokens() + " tokens");
            case CANCELLED -> note("stopped");
        }
    }
}
