package dev.loci.api.openai;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/// Whatever comes in, it is taken or refused with a status of the client's, in one line.
final class RequestFuzzTest {
    private static final FakeModel MODEL = new FakeModel();
    private static final BodyBudget BODIES = new BodyBudget();

    private static final List<BiFunction<RequestFields, ServedModel, ?>> PARSERS = List.of(
            Answerable::completion,
            Answerable::chat,
            ResponsesParser::parse,
            Tokenization::tokenize,
            Tokenization::detokenize);

    @FuzzTest(maxDuration = "10m")
    void aBodyIsReadOrRefused(byte[] body) throws IOException {
        for (BiFunction<RequestFields, ServedModel, ?> parser : PARSERS) {
            try (BodyBudget.Share share = BODIES.open(Long.MAX_VALUE)) {
                Object _ = parser.apply(
                        new RequestFields(RequestBody.read(new ByteArrayInputStream(body), share), ""), MODEL.served());
            } catch (ApiException e) {
                requireOfTheClient(e);
            }
        }
    }

    private static void requireOfTheClient(ApiException e) {
        if (e.status() < 400 || e.status() > 499 || e.getMessage().indexOf('\n') >= 0) {
            throw new AssertionError("status " + e.status() + ": " + e.getMessage(), e);
        }
    }

    /// Each line is a message, by turns of the system, a user and the assistant.
    @FuzzTest(maxDuration = "10m")
    void aConversationIsRenderedOrRefused(byte[] lines) {
        List<ChatMessage> messages = new ArrayList<>();
        ChatMessage.Role[] roles = ChatMessage.Role.values();
        for (String line : new String(lines, StandardCharsets.UTF_8).split("\n", 16)) {
            messages.add(new ChatMessage(roles[messages.size() % roles.length], line));
        }
        Tokenizer tokenizer = MODEL.served().tokenizer();
        try {
            int[] ids = ChatPrompt.ids(MODEL.served(), "messages", messages, true);
            int special = (int) Arrays.stream(ids).filter(tokenizer::isSpecial).count();
            // a message opens and closes, the answer opens: nothing that stands in a text is a special token
            if (special > 2 * messages.size() + 2) {
                throw new AssertionError(special + " special tokens of " + messages.size() + " messages");
            }
        } catch (ApiException e) {
            requireOfTheClient(e);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void aTextComesBack(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Tokenizer tokenizer = MODEL.served().tokenizer();
        String plain = tokenizer.decode(tokenizer.encodePlain(text), false);
        if (!plain.equals(text)) {
            throw new AssertionError("expected " + text + ", found " + plain);
        }
        for (int id : tokenizer.encode(text, true)) {
            if (id < 0 || id >= tokenizer.size()) {
                throw new AssertionError("id " + id);
            }
        }
    }
}
