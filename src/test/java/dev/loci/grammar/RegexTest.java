package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegexTest {
    private static boolean matches(String pattern, String text) {
        return Dfa.search(RegexParser.parse(pattern)).contains(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "^a|b$; axx; true",
                "^a|b$; xxb; true",
                "^a|b$; xax; false",
                "^(a|b)$; ab; false",
                "x{2}; axxb; true",
                "^x{2,3}$; xxxx; false",
                "^x{2,}$; xxxxx; true",
                "^[^a-c]$; d; true",
                "^[\\w-]+$; a-b_c; true",
                "^[a\\-z]$; m; false",
                "^\\u00e9\\x41$; éA; true",
                "^.$; 𝄞; true",
                "^a{$; a{; true",
                "^(?:a|(?<n>b))+?$; abba; true",
                "^\\S+$; a b; false",
                "a$b; a$b; false"
            })
    void findsWhatEcmaScriptFinds(String pattern, String text, boolean expected) {
        assertThat(matches(pattern, text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "(?=a)b, looking ahead",
        "(a)\\1, escape of the supported subset",
        "\\bword, word border",
        "a**, second repetition",
        "(a, closing bracket",
        "[b-a], from low to high",
        "*a, something to repeat",
        "a{3}{4}{9000}, repetition"
    })
    void refusesWhatIsNotRegularOrNotAnExpression(String pattern, String part) {
        assertThatThrownBy(() -> RegexParser.parse(pattern))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("expected");
        assertThat(part).isNotEmpty();
    }

    @Test
    void refusesWhatNeedsTooManyStates() {
        assertThatThrownBy(() -> Grammar.regex("(a|b)*a(a|b){40}"))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("states");
    }

    @Property(tries = 300)
    void agreesWithTheJdk(@ForAll long seed) {
        Random random = new Random(seed);
        String pattern = pattern(random, 4);
        Dfa dfa = Dfa.search(RegexParser.parse(pattern));
        Pattern jdk = Pattern.compile(pattern, Pattern.UNIX_LINES);
        for (int i = 0; i < 50; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(8); n > 0; n--) {
                text.append("abc-1 ".charAt(random.nextInt(6)));
            }
            assertThat(dfa.contains(text.toString()))
                    .as("\"" + pattern + "\" in \"" + text + "\"")
                    .isEqualTo(jdk.matcher(text).find());
        }
    }

    private static String pattern(Random random, int depth) {
        if (depth == 0) {
            String[] atoms = {"a", "b", "[ab]", "[^a]", ".", "\\d", "\\w", "\\s", "-"};
            return atoms[random.nextInt(atoms.length)];
        }
        return switch (random.nextInt(7)) {
            case 0 -> pattern(random, depth - 1) + pattern(random, depth - 1);
            case 1 -> "(" + pattern(random, depth - 1) + "|" + pattern(random, depth - 1) + ")";
            case 2 -> "(?:" + pattern(random, depth - 1) + ")*";
            case 3 -> "(?:" + pattern(random, depth - 1) + "){1,2}";
            case 4 -> "^" + pattern(random, depth - 1);
            case 5 -> pattern(random, depth - 1) + "$";
            default -> pattern(random, depth - 1);
        };
    }
}
