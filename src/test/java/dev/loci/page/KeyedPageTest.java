package dev.loci.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The page in a browser, on a server that requires a key. `-Dtest.shots=FOLDER` keeps pictures.
@EnabledIf(value = Chromium.INSTALLED, disabledReason = Chromium.MISSING)
@QuarkusTest
@TestProfile(KeyedPageTest.Profile.class)
final class KeyedPageTest {
    private static final String ENDED = "!document.querySelector('.running') && document.querySelector('.token')";
    private static final String FACTS = "document.querySelectorAll('#facts li').length === 3";
    private static final String PROBLEM = "document.querySelector('#problem:not([hidden])')";
    private static final int PHONE = 360;

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.api.keys", "first-key,second-key");
        }
    }

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

    private void open(int width, int height, String scheme) {
        browser.size(width, height);
        browser.scheme(scheme);
        browser.open(server.toString());
        browser.script("localStorage.clear(); sessionStorage.clear();");
        browser.open(server.toString());
        browser.await(PROBLEM);
    }

    /// The refused request is the one thing that the browser tells of.
    private static void enterKey() {
        assertThat(browser.value("document.activeElement.id").textValue()).isEqualTo("key");
        assertThat(browser.complaints()).isNotEmpty().allMatch(told -> told.contains("401"));
        browser.type("second-key");
        browser.press(Key.ENTER);
        browser.await(FACTS + " && document.getElementById('problem').hidden");
    }

    private static void askGreedily(String text, boolean phone) {
        if (phone) {
            browser.click("#settings-toggle");
        }
        browser.fill("[name=temperature]", "0");
        browser.fill("[name=max_tokens]", "60");
        if (phone) {
            browser.click("#settings-toggle");
        }
        browser.fill("#text", text);
        browser.press(Key.ENTER);
        browser.await(ENDED);
    }

    private static int wide() {
        return browser.value("document.documentElement.scrollWidth").intValue();
    }

    @ParameterizedTest
    @CsvSource({"1280, 860, light", "1280, 860, dark", "360, 740, light", "360, 740, dark"})
    void withAKeyAllOfThePageWorks(int width, int height, String scheme) {
        String name = "key-" + scheme + "-" + width + "-";
        boolean phone = width <= PHONE;
        open(width, height, scheme);
        browser.picture(name + "1-asked");
        assertThat(browser.value("document.getElementById('facts').textContent").textValue())
                .isEqualTo("needs an API key");
        assertThat(wide()).isLessThanOrEqualTo(width);
        enterKey();
        browser.picture(name + "2-welcome");
        askGreedily("What is the capital of Italy?", phone);
        assertThat(browser.value("document.querySelector('.turn.assistant .body').textContent")
                        .textValue())
                .isEqualTo("The capital of Italy is Rome.");
        browser.hover(".token:nth-child(6)");
        browser.await("!document.getElementById('alternatives').hidden");
        browser.picture(name + "3-chat");
        browser.hover("h1");
        browser.click(".switch label:last-of-type");
        browser.picture(name + "4-switched");
        askGreedily("A bird is", phone);
        browser.hover(".turn:last-of-type .token:nth-child(10)");
        browser.await("document.querySelectorAll('#memory-token .slot').length > 0");
        browser.picture(name + "5-completion");
        if (phone) {
            browser.click("#memory-toggle");
            browser.await("document.getElementById('alternatives').hidden");
            browser.picture(name + "6-memory");
        }
        assertThat(wide()).isLessThanOrEqualTo(width);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aKeyThatIsForgottenIsAskedForAgain() {
        open(1280, 860, "light");
        enterKey();
        browser.open(server.toString());
        browser.await(FACTS);
        assertThat(browser.complaints()).isEmpty();
        browser.click("#key-toggle");
        browser.click("#key-forget");
        browser.await(PROBLEM);
        assertThat(browser.complaints()).isNotEmpty().allMatch(told -> told.contains("401"));
    }
}
