package dev.loci.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// The page in a browser, on a server with the default model. `-Dtest.shots=FOLDER` keeps pictures.
@EnabledIf(value = Chromium.INSTALLED, disabledReason = Chromium.MISSING)
@QuarkusTest
final class PageTest {
    private static final String QUESTION = "What is the capital of Italy?";
    private static final String ANSWER = "The capital of Italy is Rome.";
    private static final String ENDED = "!document.querySelector('.running') && document.querySelector('.token')";
    private static final String UNDER_WAY =
            "document.querySelectorAll('.token').length > 4 && document.querySelector('.running')";
    private static final int LONG = 900;

    private static Chromium chromium;
    private static Session browser;

    @TestHTTPResource("/")
    URI server;

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
    void openPage() {
        browser.size(1280, 860);
        browser.scheme("light");
        browser.open(server.toString());
        browser.script("localStorage.clear(); sessionStorage.clear();");
        browser.open(server.toString());
        browser.await("document.querySelectorAll('#facts li').length === 3");
    }

    /// A script or style that the page's policy refuses is told here, and so is every error of a script.
    @AfterEach
    void thePageDoesNotComplain() {
        assertThat(browser.complaints()).isEmpty();
    }

    private static void set(String field, String value) {
        browser.fill("[name=" + field + "]", value);
    }

    private static void ask(String text) {
        browser.fill("#text", text);
        browser.press(Key.ENTER);
    }

    private static void askGreedily(String text) {
        set("temperature", "0");
        ask(text);
        browser.await(ENDED);
    }

    private static String answer() {
        return browser.value(
                        "[...document.querySelectorAll('.turn.assistant')].at(-1).querySelector('.body').textContent")
                .textValue();
    }

    private static void beginALongText() {
        set("temperature", "0");
        set("max_tokens", Integer.toString(LONG));
        browser.click(".switch label:last-of-type");
        ask("A bird is");
    }

    private JsonNode json(HttpRequest.Builder request) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return new ObjectMapper().readTree(response.body());
        }
    }

    private JsonNode stats() throws Exception {
        return json(HttpRequest.newBuilder(server.resolve("/q/stats")));
    }

    private void awaitIdleServer() throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (stats().get("running").intValue() > 0) {
            assertThat(System.nanoTime()).as("the server still generates").isLessThan(end);
        }
    }

    @Test
    void namesTheModelAndWhatItHas() {
        assertThat(browser.value("document.getElementById('facts').innerText").textValue())
                .isEqualTo("loci-mini\n1,024 tokens of context\n2 memory layers of 65,536 slots");
        browser.picture("light-welcome");
    }

    @Test
    void aChatGoesOnFromTurnToTurn() {
        askGreedily(QUESTION);
        assertThat(answer()).isEqualTo(ANSWER);
        assertThat(browser.value("document.querySelector('.turn.user').textContent")
                        .textValue())
                .isEqualTo(QUESTION);
        assertThat(browser.value("document.querySelector('.spoken').textContent")
                        .textValue())
                .isEqualTo(ANSWER);
        browser.picture("light-chat");
        browser.script("const old = window.fetch; window.fetch = (path, options) => {"
                + " window.sent = JSON.parse(options.body); return old(path, options); };");
        ask("And of Japan?");
        browser.await("document.querySelectorAll('.turn.assistant').length === 2 && " + ENDED);
        assertThat(browser.value("sent.messages").toString())
                .isEqualTo("[{\"content\":\"" + QUESTION + "\",\"role\":\"user\"},{\"content\":\"" + ANSWER
                        + "\",\"role\":\"assistant\"},{\"content\":\"And of Japan?\",\"role\":\"user\"}]");
    }

    @Test
    void anAnswerComesTokenByTokenAndStopEndsItOnTheServer() throws Exception {
        long before = stats().get("generated").longValue();
        beginALongText();
        // in the page itself: an answer does not wait for a driver
        browser.await(UNDER_WAY + " && (document.getElementById('stop').click(), true)");
        browser.await(ENDED);
        awaitIdleServer();
        assertThat(stats().get("generated").longValue() - before).isBetween(5L, LONG - 1L);
        assertThat(browser.value("document.querySelector('.meta').textContent").textValue())
                .endsWith(" · stopped");
        assertThat(answer()).startsWith("A bird is a small bird");
    }

    @Test
    void settingsBecomeParameters() {
        browser.script("const old = window.fetch; window.fetch = (path, options) => {"
                + " window.sent = JSON.parse(options.body); return old(path, options); };");
        set("temperature", "1.2");
        set("top_p", "0.9");
        set("top_k", "40");
        set("min_p", "0.01");
        set("presence_penalty", "0.5");
        set("frequency_penalty", "-0.5");
        set("repetition_penalty", "1.1");
        set("max_tokens", "3");
        set("seed", "7");
        set("stop", "Lily\\n\nend");
        browser.click(".switch label:last-of-type");
        ask("One day,");
        browser.await(ENDED);
        assertThat(browser.value("JSON.stringify(sent)").textValue())
                .isEqualTo("{\"model\":\"loci-mini\",\"prompt\":\"One day,\",\"stream\":true,\"temperature\":1.2,"
                        + "\"top_p\":0.9,\"top_k\":40,\"min_p\":0.01,\"presence_penalty\":0.5,"
                        + "\"frequency_penalty\":-0.5,\"repetition_penalty\":1.1,\"max_tokens\":3,\"seed\":7,"
                        + "\"stop\":[\"Lily\\n\",\"end\"],\"logprobs\":6,\"memory_trace\":true}");
        set("top_p", "2");
        ask("One day,");
        assertThat(browser.value("document.activeElement.name").textValue()).isEqualTo("top_p");
    }

    @Test
    void pointingAtATokenShowsWhatElseThereWas() {
        askGreedily(QUESTION);
        browser.hover(".token:nth-child(6)");
        browser.await("!document.getElementById('alternatives').hidden");
        assertThat(browser.value("document.querySelector('#alternatives .chosen .what').textContent")
                        .textValue())
                .isEqualTo("␣Rome");
        assertThat(browser.value("document.querySelectorAll('#alternatives li').length")
                        .intValue())
                .isEqualTo(6);
        List<Double> shares = new ArrayList<>();
        browser.value("[...document.querySelectorAll('#alternatives .bar')].map(b => "
                        + "Number(b.style.getPropertyValue('--share')))")
                .forEach(share -> shares.add(share.doubleValue()));
        assertThat(shares).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(shares.stream().mapToDouble(Double::doubleValue).sum()).isBetween(0.3, 1.0001);
        browser.picture("light-alternatives");
        browser.hover("h1");
        browser.await("document.getElementById('alternatives').hidden");
    }

    @Test
    void unlikelyTokensHaveADeeperGround() {
        askGreedily(QUESTION);
        assertThat(browser.value("(() => { const all = [...document.querySelectorAll('.token')];"
                                + " const of = t => [Number(t.style.getPropertyValue('--unlikely')),"
                                + " Number((getComputedStyle(t).backgroundColor.match(/\\/ ([\\d.]+)/) ?? [0, 1])[1])];"
                                + " const pairs = all.map(of).sort((a, b) => a[0] - b[0]);"
                                + " return pairs[0][1] < pairs.at(-1)[1]; })()")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void theMemoryPanelShowsTheSlotsOfTheTrace() throws Exception {
        set("max_tokens", "40");
        browser.click(".switch label:last-of-type");
        askGreedily("A bird is");
        JsonNode trace = json(HttpRequest.newBuilder(server.resolve("/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"A bird is\",\"max_tokens\":40,"
                                + "\"temperature\":0,\"memory_trace\":true}")))
                .at("/choices/0/memory_trace");
        browser.hover(".token:nth-child(10)");
        int first = trace.at("/tokens/9/layers/0/rows/0").intValue();
        browser.await(
                "document.querySelector('#memory-token .slot span')?.textContent.replace(',', '') === '" + first + "'");
        for (int layer = 0; layer < 2; layer++) {
            JsonNode rows = trace.at("/tokens/9/layers/" + layer + "/rows");
            assertThat(browser.value("[...document.querySelectorAll('#memory-token .layer')][" + layer
                                    + "].querySelectorAll('.slot span:first-child').length")
                            .intValue())
                    .isEqualTo(rows.size());
            assertThat(browser.value("Number([...document.querySelectorAll('#memory-token .layer')][" + layer
                                    + "].querySelector('.slot span').textContent.replace(',', ''))")
                            .intValue())
                    .isEqualTo(rows.get(0).intValue());
            JsonNode sum = trace.at("/layers/" + layer);
            assertThat(browser.value("document.querySelectorAll('.map-title')[" + layer + "].textContent")
                            .textValue())
                    .isEqualTo("Layer " + (layer + 1) + ": " + sum.get("rows").intValue() + " slots read, "
                            + sum.get("shared_rows").intValue() + " for several tokens");
            int mostShared = sum.at("/shared/0/row").intValue();
            assertThat(browser.value("Number(document.querySelectorAll('#memory-shared .layer')[" + layer
                                    + "].querySelector('.slot span').textContent.replace(',', ''))")
                            .intValue())
                    .isEqualTo(mostShared);
        }
        assertThat(browser.value("document.querySelectorAll('.token.companion').length")
                        .intValue())
                .isPositive();
        browser.picture("light-memory");
        browser.hover("#memory-shared .slot");
        assertThat(browser.value("document.querySelectorAll('.token.hit').length")
                        .intValue())
                .isEqualTo(trace.at("/layers/0/shared/0/tokens").intValue());
        browser.picture("light-slot");
    }

    @Test
    void everythingWorksWithTheKeyboard() {
        browser.await("document.activeElement.id === 'text'");
        browser.type(QUESTION);
        browser.press(Key.ENTER);
        browser.await(ENDED);
        tabTo(".token");
        browser.press(Key.RIGHT, Key.RIGHT);
        assertThat(browser.value("[...document.querySelectorAll('.token')].indexOf(document.activeElement)")
                        .intValue())
                .isEqualTo(2);
        assertThat(browser.value("document.activeElement.getAttribute('aria-describedby')")
                        .textValue())
                .isEqualTo("alternatives");
        assertThat(browser.value("document.activeElement.getAttribute('aria-selected')")
                        .textValue())
                .isEqualTo("true");
        assertThat(browser.value("getComputedStyle(document.activeElement).outlineWidth")
                        .textValue())
                .isEqualTo("3px");
        browser.press(Key.ESCAPE);
        assertThat(browser.value("document.getElementById('alternatives').hidden")
                        .booleanValue())
                .isTrue();
        tabTo("#memory-token .slot");
        assertThat(browser.value("document.querySelectorAll('.token.hit').length")
                        .intValue())
                .isPositive();
        browser.press(Key.RIGHT);
        assertThat(browser.value("document.activeElement.matches('.slot')").booleanValue())
                .isTrue();
        tabTo("#clear");
        browser.press(Key.ENTER);
        assertThat(browser.value("document.querySelectorAll('.turn').length").intValue())
                .isZero();
        assertThat(browser.value("document.activeElement.id").textValue()).isEqualTo("text");
    }

    private static void tabTo(String selector) {
        for (int i = 0; i < 80; i++) {
            browser.press(Key.TAB);
            if (browser.value("document.activeElement.matches('" + selector + "')")
                    .booleanValue()) {
                return;
            }
        }
        throw new AssertionError("Tab: expected a way to " + selector + ", found none");
    }

    @Test
    void everyControlHasAName() {
        askGreedily(QUESTION);
        browser.click("#key-toggle");
        browser.await("document.querySelector('#memory-token .slot')");
        // lists that have the focus are not drawn anew
        browser.script("document.querySelector('#memory-token .slot').focus()");
        assertThat(browser.names("button, input, textarea, [role=listbox], [role=img], [role=log], aside, section"))
                .hasSizeGreaterThan(25)
                .allSatisfy((element, name) -> assertThat(name).as(element).isNotBlank());
    }

    @Test
    void theThemeFollowsTheSystemUntilOneIsChosen() {
        String ground = "getComputedStyle(document.body).backgroundColor";
        String light = browser.value(ground).textValue();
        browser.scheme("dark");
        String dark = browser.value(ground).textValue();
        assertThat(dark).isNotEqualTo(light);
        askGreedily(QUESTION);
        browser.hover(".token:nth-child(6)");
        browser.picture("dark-chat");
        browser.click("#theme");
        assertThat(browser.value(ground).textValue()).isEqualTo(light);
        browser.open(server.toString());
        assertThat(browser.value(ground).textValue()).isEqualTo(light);
        browser.click("#theme");
        browser.scheme("light");
        assertThat(browser.value(ground).textValue()).isEqualTo(dark);
    }

    @Test
    void textStandsOutFromItsGroundInBothThemes() {
        askGreedily(QUESTION);
        for (String scheme : List.of("light", "dark")) {
            browser.scheme(scheme);
            JsonNode contrasts = browser.resource("contrasts.js");
            assertThat(contrasts).hasSizeGreaterThan(20);
            contrasts
                    .properties()
                    .forEach(each -> assertThat(each.getValue().doubleValue())
                            .as(scheme + ", " + each.getKey())
                            .isGreaterThanOrEqualTo(4.5));
        }
    }

    @Test
    void aPhoneScrollsInOneDirection() {
        browser.size(360, 740);
        browser.open(server.toString());
        browser.await("document.querySelectorAll('#facts li').length === 3");
        assertFits("welcome");
        set("max_tokens", "40", "#settings-toggle");
        assertFits("settings");
        browser.click("#settings-toggle");
        askGreedily("Tell me about Rome.", "#settings-toggle");
        assertFits("answer");
        browser.hover(".token:nth-child(3)");
        browser.await("!document.getElementById('alternatives').hidden");
        assertFits("alternatives");
        browser.click("#memory-toggle");
        browser.await("document.querySelectorAll('#memory-token .slot').length > 0");
        assertFits("memory");
    }

    private static void set(String field, String value, String toggle) {
        browser.click(toggle);
        set(field, value);
    }

    private static void askGreedily(String text, String toggle) {
        set("temperature", "0", toggle);
        browser.click(toggle);
        ask(text);
        browser.await(ENDED);
    }

    private static void assertFits(String what) {
        browser.picture("phone-" + what);
        assertThat(browser.value("document.documentElement.scrollWidth").intValue())
                .as(what)
                .isLessThanOrEqualTo(360);
        assertThat(browser.value("[...document.querySelectorAll('button, input, textarea, .turn, #alternatives')]"
                        + ".filter(e => e.checkVisibility() && e.getBoundingClientRect().right > 360.5)"
                        + ".map(e => e.id || e.name || e.className)"))
                .as(what)
                .isEmpty();
    }

    @Test
    void thePageMayRunItsOwnScriptsAlone() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String path : List.of("/", "/index.html", "/page/main.js")) {
                HttpResponse<String> response = http.send(
                        HttpRequest.newBuilder(server.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(response.statusCode()).as(path).isEqualTo(200);
                assertThat(response.headers().firstValue("Content-Security-Policy"))
                        .as(path)
                        .contains("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
            }
        }
    }
}
