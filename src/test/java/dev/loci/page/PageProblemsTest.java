package dev.loci.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.page.ScriptedServer.Reply;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// What the page makes of a server's refusals, of answers that break off, and of texts that look like markup.
@EnabledIf(value = Chromium.INSTALLED, disabledReason = Chromium.MISSING)
final class PageProblemsTest {
    private static final String PROBLEM = "document.querySelector('#problem [role=alert]')";
    private static final String ENDED = "!document.querySelector('.running') && document.querySelector('.token')";

    private static final Reply HALF =
            Reply.events("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half\"},\"finish_reason\":null}]}");

    private static Chromium chromium;
    private static Session browser;
    private ScriptedServer server;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
        browser = new Session(chromium);
    }

    @AfterAll
    static void endBrowser() {
        if (browser != null) {
            browser.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void startServer() throws IOException {
        server = new ScriptedServer();
        browser.size(1280, 860);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private void open() {
        browser.open(server.url());
        browser.await("document.querySelector('#facts li')");
    }

    private static void ask(String text) {
        browser.fill("#text", text);
        browser.press(Key.ENTER);
    }

    private static String problem() {
        browser.await(PROBLEM);
        return browser.value("[..." + PROBLEM + ".children].map(each => each.textContent).join('\\n')")
                .textValue();
    }

    private static String text(String selector) {
        return browser.value("document.querySelector('" + selector + "').textContent")
                .textValue();
    }

    private static boolean is(String condition) {
        return browser.value("Boolean(" + condition + ")").booleanValue();
    }

    @Test
    void aMissingKeyIsAskedForAndSentFromThenOn() throws Exception {
        server.requireKey("secret-1");
        open();
        assertThat(problem())
                .isEqualTo("The server requires an API key\n" + "Authorization: expected a known key, found another");
        browser.picture("light-key");
        assertThat(is("document.activeElement.id === 'key'")).isTrue();
        assertThat(server.requests().take().authorization()).isEmpty();
        browser.type("wrong");
        browser.press(Key.ENTER);
        browser.await(PROBLEM + "?.innerText.startsWith('The server does not accept this API key')");
        assertThat(server.requests().take().authorization()).isEqualTo("Bearer wrong");
        browser.fill("#key", "secret-1");
        browser.press(Key.ENTER);
        browser.await("document.querySelector('#facts li').textContent === 'small'");
        assertThat(is("document.getElementById('problem').hidden")).isTrue();
        assertThat(server.requests().take().authorization()).isEqualTo("Bearer secret-1");
        assertThat(browser.value("JSON.stringify([localStorage, sessionStorage])")
                        .textValue())
                .isEqualTo("[{},{\"loci-api-key\":\"secret-1\"}]");
        browser.click("#key-toggle");
        browser.click("#key-forget");
        browser.await(PROBLEM);
        assertThat(browser.value("sessionStorage.length").intValue()).isZero();
    }

    @Test
    void aFullServerIsAskedAgainWhenItsTimeHasCome() {
        server.answer(Reply.error(429, "queue_full", "waiting requests: expected at most 4, found 4")
                .with("Retry-After", "3"));
        open();
        ask("Hello");
        assertThat(problem()).isEqualTo("The server is full\nwaiting requests: expected at most 4, found 4");
        assertThat(text("#problem button")).matches("Try again in [123] s");
        assertThat(is("document.querySelector('#problem button').disabled")).isTrue();
        assertThat(browser.value("document.getElementById('text').value").textValue())
                .isEqualTo("Hello");
        assertThat(is("document.querySelector('.turn')")).isFalse();
        browser.picture("light-full");
        server.answer(Reply.events(
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}",
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
                "[DONE]"));
        browser.await("!document.querySelector('#problem button').disabled");
        browser.click("#problem button");
        browser.await(ENDED);
        assertThat(text(".assistant .body")).isEqualTo("Hi");
        assertThat(is("document.getElementById('problem').hidden")).isTrue();
    }

    @Test
    void aServerWithoutAModelIsAskedAgain() {
        server.models(Reply.error(503, "no_model", "model: expected a loaded one, found none"));
        open();
        assertThat(problem()).isEqualTo("The server is not ready\nmodel: expected a loaded one, found none");
        assertThat(text("#facts")).isEqualTo("no model");
        server.models(Reply.json(200, "{\"data\":[{\"id\":\"large\"}]}"));
        browser.click("#problem button");
        browser.await("document.querySelector('#facts').textContent === 'large'");
        assertThat(is("document.getElementById('problem').hidden")).isTrue();
    }

    @Test
    void aFailureInTheMiddleLeavesWhatHasCome() {
        server.answer(Reply.events(
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half\"},\"finish_reason\":null}]}",
                "{\"error\":{\"message\":\"values.safetensors: expected 8 bytes, found 4\",\"code\":\"damaged\"}}"));
        open();
        ask("Hello");
        assertThat(problem()).endsWith("values.safetensors: expected 8 bytes, found 4");
        assertThat(text(".assistant .body")).isEqualTo("Half");
        assertThat(text(".assistant .meta")).endsWith("broken off");
    }

    @Test
    void stopAndEscapeCloseTheConnection() throws Exception {
        server.answer(HALF.thatGoesOn());
        open();
        for (boolean click : List.of(true, false)) {
            ask("Hello");
            browser.await("document.querySelector('.running .token')");
            if (click) {
                browser.click("#stop");
            } else {
                browser.press(Key.ESCAPE);
            }
            browser.await(ENDED);
            assertThat(server.left().poll(20, TimeUnit.SECONDS)).isEqualTo("/v1/chat/completions");
            assertThat(browser.value("[...document.querySelectorAll('.meta')].at(-1).textContent")
                            .textValue())
                    .isEqualTo("1 token · stopped");
            assertThat(is("document.getElementById('problem').hidden")).isTrue();
        }
    }

    @Test
    void aStreamThatEndsEarlyIsNoAnswersEnd() {
        server.answer(HALF);
        open();
        ask("Hello");
        assertThat(problem()).isEqualTo("No answer\nThe answer broke off: the connection ended before it did.");
        assertThat(text(".assistant .body")).isEqualTo("Half");
        assertThat(text(".assistant .meta")).endsWith("broken off");
    }

    @Test
    void aConnectionThatBreaksIsNoAnswersEnd() {
        server.answer(HALF.breakingOff());
        open();
        ask("Hello");
        assertThat(problem()).isEqualTo("No answer\nThe answer broke off: the connection was lost.");
        assertThat(text(".assistant .meta")).endsWith("broken off");
    }

    @Test
    void aServerThatIsGoneIsSaidToBe() {
        open();
        server.close();
        ask("Hello");
        assertThat(problem())
                .isEqualTo("No answer\nThe server does not answer. Does it run, and is the network there?");
        assertThat(browser.value("document.getElementById('text').value").textValue())
                .isEqualTo("Hello");
    }

    @Test
    void whatAProxySaysIsNoSecondError() {
        server.answer(new Reply(502, Map.of("Content-Type", "text/html"), "<h1>Bad gateway</h1>", Reply.End.WHOLE));
        open();
        ask("Hello");
        assertThat(problem()).isEqualTo("The server failed\nThe server answers with status 502.");
    }

    @Test
    void aLongConversationLosesItsOldestTurns() throws Exception {
        server.answer(Reply.events(
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"One\"},\"finish_reason\":null}]}",
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
                "[DONE]"));
        open();
        ask("First");
        browser.await(ENDED);
        server.requests().clear();
        server.answer(Reply.error(400, "context_length_exceeded", "messages: expected at most 9 tokens, found 12"));
        ask("Second");
        assertThat(problem()).endsWith("messages: expected at most 9 tokens, found 12");
        assertThat(server.requests().take().body()).contains("First", "One", "Second");
        assertThat(server.requests().take().body()).contains("Second").doesNotContain("First");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void textsThatLookLikeMarkupStayTexts() {
        String markup = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>";
        server.models(Reply.json(200, "{\"data\":[{\"id\":\"<b>" + markup + "</b>\"}]}"));
        server.answer(Reply.events(
                "{\"choices\":[{\"index\":0,\"text\":\"" + markup + "\",\"logprobs\":{\"tokens\":[\"" + markup
                        + "\"],\"token_logprobs\":[-0.5],\"top_logprobs\":[{\"" + markup + "\":-0.5}],"
                        + "\"text_offset\":[0]},\"finish_reason\":null}]}",
                "{\"choices\":[{\"index\":0,\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"stop\"}]}",
                "[DONE]"));
        open();
        browser.click(".switch label:last-of-type");
        ask(markup);
        browser.await(ENDED);
        browser.hover(".token");
        browser.await("!document.getElementById('alternatives').hidden");
        assertThat(text(".assistant .body")).isEqualTo(markup + markup);
        assertThat(text("#alternatives .what")).isEqualTo(markup.replace(' ', '\u2423'));
        assertThat(text("#facts")).isEqualTo("<b>" + markup + "</b>");
        assertThat(browser.value("document.querySelectorAll('main img, main script, #alternatives img').length")
                        .intValue())
                .isZero();
        assertThat(browser.value("document.title").textValue()).isEqualTo("Loci");
        server.answer(Reply.error(400, "invalid_value", markup));
        ask("again");
        assertThat(problem()).endsWith(markup);
    }
}
