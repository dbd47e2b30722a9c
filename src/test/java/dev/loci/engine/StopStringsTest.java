package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class StopStringsTest {
    @Test
    void showsEverythingWithoutStopStrings() {
        StopStrings stops = new StopStrings(List.of());
        assertThat(stops.push("a<").text()).isEqualTo("a<");
        assertThat(stops.finish()).isEmpty();
    }

    @Test
    void holdsBackWhatMayBecomeAStopString() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertThat(stops.push("the E")).isEqualTo(new StopStrings.Shown("the ", Optional.empty()));
        assertThat(stops.push("N")).isEqualTo(new StopStrings.Shown("", Optional.empty()));
        assertThat(stops.push("T")).isEqualTo(new StopStrings.Shown("ENT", Optional.empty()));
    }

    @Test
    void findsAStopStringAcrossPieces() {
        StopStrings stops = new StopStrings(List.of("END"));
        stops.push("xE");
        assertThat(stops.push("NDy")).isEqualTo(new StopStrings.Shown("", Optional.of("END")));
        assertThat(stops.finish()).isEmpty();
    }

    @Test
    void takesTheStopStringThatBeginsFirst() {
        StopStrings stops = new StopStrings(List.of("cd", "bcd"));
        assertThat(stops.push("abcde")).isEqualTo(new StopStrings.Shown("a", Optional.of("bcd")));
    }

    @Test
    void givesBackWhatItHeldWhenTheTextEnds() {
        StopStrings stops = new StopStrings(List.of("END"));
        stops.push("EN");
        assertThat(stops.finish()).isEqualTo("EN");
    }

    @Property
    void piecesShowWhatTheWholeWouldShow(@ForAll("texts") List<String> pieces, @ForAll("stops") List<String> stopList) {
        String whole = String.join("", pieces);
        int first = stopList.stream()
                .mapToInt(whole::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(whole.length());
        StopStrings stops = new StopStrings(stopList);
        StringBuilder shown = new StringBuilder();
        boolean matched = false;
        for (String piece : pieces) {
            StopStrings.Shown next = stops.push(piece);
            shown.append(next.text());
            if (next.matched().isPresent()) {
                matched = true;
                break;
            }
        }
        shown.append(stops.finish());
        // Pieces may reveal a stop string that ends earlier but begins later than another: what is shown never holds
        // one.
        assertThat(shown.toString()).isEqualTo(whole.substring(0, shown.length()));
        assertThat(stopList).noneMatch(stop -> shown.indexOf(stop) >= 0);
        assertThat(shown.length()).isGreaterThanOrEqualTo(first);
        assertThat(matched).isEqualTo(first < whole.length());
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return Arbitraries.strings().withChars("ab").ofMaxLength(4).list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<String>> stops() {
        return Arbitraries.strings()
                .withChars("ab")
                .ofMinLength(1)
                .ofMaxLength(5)
                .list()
                .ofMaxSize(3);
    }
}
