package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiKeysTest {
    @Test
    void haveWhatTheyWereMadeOf() {
        ApiKeys keys = ApiKeys.of(List.of("sk-one", "sk-two"));
        assertThat(keys.have("sk-one")).isTrue();
        assertThat(keys.have("sk-two")).isTrue();
        for (String other : List.of("", "sk-", "sk-on", "sk-one ", "sk-onE", "sk-one,sk-two", "sk-\u00F6ne")) {
            assertThat(keys.have(other)).as(other).isFalse();
        }
    }

    @Test
    void doNotShowThemselves() {
        assertThat(ApiKeys.of(List.of("sk-one", "sk-two"))).hasToString("2 keys");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\tb", "k\u00E9y", "\u007F"})
    void refusesWhatNoHeaderCarries(String key) {
        assertThatThrownBy(() -> ApiKeys.of(List.of("sk-one", key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key 2: expected 1 to 512 visible ASCII characters, found something else");
    }

    @Test
    void refusesKeysThatAreTooLongOrNotThere() {
        assertThatThrownBy(() -> ApiKeys.of(List.of("k".repeat(513))))
                .hasMessage("key 1: expected 1 to 512 visible ASCII characters, found something else");
        assertThatThrownBy(() -> ApiKeys.of(List.of())).hasMessage("keys: expected at least 1, found none");
    }
}
