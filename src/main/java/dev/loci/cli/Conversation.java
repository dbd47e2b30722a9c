package dev.loci.cli;

import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.ChatMessage.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What was said so far, kept short enough for a context: the oldest turns go first, the system message never.
final class Conversation {
    /// Ids of messages, the start of an answer included.
    interface Encoding {
        int[] ids(List<ChatMessage> messages);
    }

    private final Encoding encoding;
    private final List<ChatMessage> system;
    private final int maxTokens;
    private final List<ChatMessage> turns = new ArrayList<>();

    /// @param ids     of the prompt
    /// @param dropped messages that were forgotten to make room
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    record Prompt(int[] ids, int dropped) {}

    /// @param maxTokens of a prompt
    Conversation(Encoding encoding, Optional<ChatMessage> system, int maxTokens) {
        this.encoding = encoding;
        this.system = system.stream().toList();
        this.maxTokens = maxTokens;
    }

    /// Adds a question and makes the prompt for its answer.
    /// @throws CliException where the question alone is too long; it is not added then
    Prompt ask(String text) {
        turns.add(new ChatMessage(Role.USER, text));
        int dropped = 0;
        int[] ids = encode();
        while (ids.length > maxTokens) {
            if (turns.size() == 1) {
                turns.clear();
                throw CliException.of(
                        "chat", "tokens of the message", "at most " + maxTokens, Integer.toString(ids.length));
            }
            // A question goes with its answer.
            do {
                turns.removeFirst();
                dropped++;
            } while (turns.getFirst().role() != Role.USER);
            ids = encode();
        }
        return new Prompt(ids, dropped);
    }

    void answered(String text) {
        turns.add(new ChatMessage(Role.ASSISTANT, text));
    }

    void reset() {
        turns.clear();
    }

    private int[] encode() {
        List<ChatMessage> messages = new ArrayList<>(system);
        messages.addAll(turns);
        return encoding.ids(messages);
    }

    /// The messages as one text, for models that know no turns: an answer goes on where the question ends.
    static String plainText(List<ChatMessage> messages) {
        StringBuilder text = new StringBuilder();
        for (ChatMessage message : messages) {
            if (message.role() != Role.ASSISTANT && !text.isEmpty()) {
                text.append('\n');
            }
            text.append(message.content());
        }
        return text.toString();
    }
}
