package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.ChatMessage.Role;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConversationTest {
    private static final Conversation.Encoding CHARACTERS =
            messages -> Conversation.plainText(messages).chars().toArray();

    private static Conversation conversation(int maxTokens, String... system) {
        return new Conversation(
                CHARACTERS,
                system.length == 0 ? Optional.empty() : Optional.of(new ChatMessage(Role.SYSTEM, system[0])),
                maxTokens);
    }

    private static String text(Conversation.Prompt prompt) {
        return new String(prompt.ids(), 0, prompt.ids().length);
    }

    @Test
    void keepsWhatWasSaid() {
        Conversation conversation = conversation(100, "Be kind.");
        assertThat(text(conversation.ask("Once"))).isEqualTo("Be kind.\nOnce");
        conversation.answered(" upon a time.");
        assertThat(text(conversation.ask("Then"))).isEqualTo("Be kind.\nOnce upon a time.\nThen");
    }

    @Test
    void dropsTheOldestQuestionWithItsAnswerWhenFull() {
        Conversation conversation = conversation(12, "s");
        conversation.ask("aaaa");
        conversation.answered("bbbb");
        Conversation.Prompt prompt = conversation.ask("cccc");
        assertThat(text(prompt)).isEqualTo("s\ncccc");
        assertThat(prompt.dropped()).isEqualTo(2);
    }

    @Test
    void refusesAMessageThatIsTooLongAndForgetsIt() {
        Conversation conversation = conversation(3);
        assertThatThrownBy(() -> conversation.ask("four"))
                .isInstanceOf(CliException.class)
                .hasMessage("chat, tokens of the message: expected at most 3, found 4");
        assertThat(text(conversation.ask("two"))).isEqualTo("two");
    }

    @Test
    void startsAfreshAfterAReset() {
        Conversation conversation = conversation(100, "s");
        conversation.ask("a");
        conversation.answered("b");
        conversation.reset();
        assertThat(text(conversation.ask("c"))).isEqualTo("s\nc");
    }
}
