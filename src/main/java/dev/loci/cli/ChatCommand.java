package dev.loci.cli;

import dev.loci.app.ModelRuntime;
import dev.loci.engine.Engine;
import dev.loci.engine.Sampling;
import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.Tokenizer;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `loci chat`: a conversation in the terminal, or one question a line from a pipe.
@RegisterForReflection
@Command(
        name = "chat",
        description = "Talk to a model. Ctrl-C stops an answer, Ctrl-D ends, " + ChatSession.RESET
                + " forgets what was said. A model without a chat template continues the text.")
final class ChatCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model;

    @Option(names = "--system", paramLabel = "TEXT", description = "A message that stands before all others.")
    private Optional<String> system;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 to 2; 0 takes the most probable token (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private double topP;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "0", description = "0 for all (default).")
    private int topK;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private double minP;

    @Option(names = "--seed", paramLabel = "N", description = "Makes the draws repeatable.")
    private Optional<Long> seed;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Of an answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Mixin
    private RuntimeFlags flags;

    private final Streams streams;

    ChatCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (maxTokens < 1) {
            throw CliException.ofOption("--max-tokens", "at least 1", maxTokens);
        }
        Sampling sampling = new Sampling(
                temperature,
                topP,
                topK,
                minP,
                seed.orElseGet(() -> ThreadLocalRandom.current().nextLong()));
        try (ModelRuntime runtime = ModelRuntime.open(flags.runtime(model.path(), 1))) {
            ChatSession session =
                    new ChatSession(runtime.engine(), conversation(runtime), sampling, maxTokens, streams);
            if (streams.terminal()) {
                Signals.on(Signals.INTERRUPT, session::interrupt);
                streams.out()
                        .println(runtime.name() + ": Ctrl-C stops an answer, Ctrl-D ends, " + ChatSession.RESET
                                + " forgets what was said");
            }
            session.run();
        }
        return 0;
    }

    private Conversation conversation(ModelRuntime runtime) {
        Engine engine = runtime.engine();
        Tokenizer tokenizer = runtime.tokenizer();
        // Room for the answer, but never more than a quarter of the context.
        int room = Math.clamp(maxTokens, 1, Math.max(1, engine.contextTokens() / 4));
        Conversation.Encoding encoding = runtime.chatTemplate()
                .<Conversation.Encoding>map(template -> messages -> template.encode(tokenizer, messages, true))
                .orElse(messages -> tokenizer.encode(Conversation.plainText(messages), true));
        return new Conversation(
                encoding,
                system.map(text -> new ChatMessage(ChatMessage.Role.SYSTEM, text)),
                engine.contextTokens() - room);
    }
}
