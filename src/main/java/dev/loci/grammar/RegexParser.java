package dev.loci.grammar;

import java.util.ArrayList;
import java.util.List;

/// Reads ECMA 262 expressions (flag `u`, no others) as far as they are regular: sets, groups,
/// alternatives, repetition, anchors. References back, looking around and word borders are refused.
final class RegexParser {
    private static final int MAX_LENGTH = 1 << 14;
    private static final int MAX_REPEAT = 1 << 13;
    private static final int MAX_DEPTH = 200;

    private final int[] text;
    private int at;
    private int depth;

    private RegexParser(String pattern) {
        this.text = pattern.codePoints().toArray();
    }

    static Regex parse(String pattern) {
        if (pattern.length() > MAX_LENGTH) {
            throw refused("at most " + MAX_LENGTH + " characters", String.valueOf(pattern.length()));
        }
        RegexParser parser = new RegexParser(pattern);
        Regex all = parser.alternatives();
        if (parser.at < parser.text.length) {
            throw parser.here("the end");
        }
        return all;
    }

    private Regex alternatives() {
        if (++depth > MAX_DEPTH) {
            throw refused("groups at most " + MAX_DEPTH + " deep", "more");
        }
        List<Regex> options = new ArrayList<>(List.of(sequence()));
        while (eat('|')) {
            options.add(sequence());
        }
        depth--;
        return options.size() == 1 ? options.getFirst() : new Regex.Alt(options);
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (at < text.length && text[at] != '|' && text[at] != ')') {
            parts.add(repeated(atom()));
        }
        return parts.size() == 1 ? parts.getFirst() : new Regex.Cat(parts);
    }

    private Regex repeated(Regex atom) {
        Regex result = atom;
        if (at < text.length) {
            int before = at;
            int min = 0;
            int max = -1;
            switch (text[at]) {
                case '*' -> at++;
                case '+' -> {
                    at++;
                    min = 1;
                }
                case '?' -> {
                    at++;
                    max = 1;
                }
                case '{' -> {
                    int[] counts = counts();
                    min = counts[0];
                    max = counts[1];
                }
                default -> {
                    return atom;
                }
            }
            if (at == before) {
                return atom;
            }
            if (atom instanceof Regex.Begin || atom instanceof Regex.End) {
                throw refused("no repetition of an anchor", "one at " + before);
            }
            result = new Regex.Repeat(atom, min, max);
            // a lazy repetition stands for the same texts
            eat('?');
            if (at < text.length && (text[at] == '*' || text[at] == '+' || text[at] == '?')) {
                throw here("no second repetition");
            }
        }
        return result;
    }

    /// `{n}`, `{n,}` or `{n,m}`; a brace that begins none of them stands for itself and is left where
    /// it is.
    private int[] counts() {
        int before = at++;
        int min = number();
        int max = min;
        if (min >= 0 && eat(',')) {
            max = number();
        }
        if (min < 0 || !eat('}')) {
            at = before;
            return new int[] {0, 0};
        }
        if (max >= 0 && max < min) {
            throw refused("a maximum of at least " + min, String.valueOf(max));
        }
        return new int[] {min, max};
    }

    private int number() {
        int from = at;
        long value = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            value = value * 10 + text[at++] - '0';
            if (value > MAX_REPEAT) {
                throw refused("at most " + MAX_REPEAT + " repetitions", "more");
            }
        }
        return at == from ? -1 : (int) value;
    }

    private Regex atom() {
        int c = text[at++];
        return switch (c) {
            case '^' -> new Regex.Begin();
            case '$' -> new Regex.End();
            case '.' -> new Regex.One(Ranges.DOT);
            case '[' -> new Regex.One(set());
            case '(' -> group();
            case '\\' -> new Regex.One(escape(false));
            case '*', '+', '?' -> {
                at--;
                throw here("something to repeat");
            }
            default -> new Regex.One(Ranges.of(c, c));
        };
    }

    private Regex group() {
        if (eat('?')) {
            if (eat('<') && at < text.length && text[at] != '=' && text[at] != '!') {
                while (at < text.length && text[at] != '>') {
                    at++;
                }
                at++;
            } else if (!eat(':')) {
                throw here("no looking ahead or behind");
            }
        }
        Regex inner = alternatives();
        if (!eat(')')) {
            throw here("a closing bracket");
        }
        return inner;
    }

    private Ranges set() {
        boolean negated = eat('^');
        Ranges all = Ranges.NONE;
        while (true) {
            if (at >= text.length) {
                throw here("a closing bracket");
            }
            if (eat(']')) {
                return negated ? all.complement() : all;
            }
            Ranges low = member();
            if (at + 1 < text.length && text[at] == '-' && text[at + 1] != ']' && single(low)) {
                int dash = at++;
                Ranges high = member();
                if (!single(high)) {
                    // as in [a-\d]: the dash stands for itself
                    all = all.or(low).or(Ranges.of('-', '-')).or(high);
                } else if (high.bounds()[0] < low.bounds()[0]) {
                    throw refused("ranges from low to high", "another at " + dash);
                } else {
                    all = all.or(Ranges.of(low.bounds()[0], high.bounds()[0]));
                }
            } else {
                all = all.or(low);
            }
        }
    }

    private static boolean single(Ranges ranges) {
        return ranges.bounds().length == 2 && ranges.bounds()[0] == ranges.bounds()[1];
    }

    private Ranges member() {
        int c = text[at++];
        return c == '\\' ? escape(true) : Ranges.of(c, c);
    }

    private Ranges escape(boolean inSet) {
        if (at >= text.length) {
            throw here("a character after the backslash");
        }
        int c = text[at++];
        return switch (c) {
            case 'd' -> Ranges.DIGITS;
            case 'D' -> Ranges.DIGITS.complement();
            case 'w' -> Ranges.WORD;
            case 'W' -> Ranges.WORD.complement();
            case 's' -> Ranges.SPACE;
            case 'S' -> Ranges.SPACE.complement();
            case 't' -> point('\t');
            case 'n' -> point('\n');
            case 'r' -> point('\r');
            case 'f' -> point('\f');
            case 'v' -> point(0x0B);
            case 'x' -> point(hex(2));
            case 'u' -> point(unicode());
            case 'b' -> {
                if (inSet) {
                    yield point('\b');
                }
                throw here("no word border");
            }
            default -> literal(c);
        };
    }

    private Ranges literal(int c) {
        if (c == '0' && (at >= text.length || text[at] < '0' || text[at] > '9')) {
            return point(0);
        }
        boolean letterOrDigit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letterOrDigit) {
            at--;
            throw here("an escape of the supported subset");
        }
        return point(c);
    }

    private int unicode() {
        if (eat('{')) {
            int value = 0;
            while (!eat('}')) {
                value = value * 16 + hex(1);
                if (value > Ranges.MAX) {
                    throw here("a code point");
                }
            }
            return value;
        }
        int unit = hex(4);
        if (Character.isHighSurrogate((char) unit) && at + 5 < text.length && text[at] == '\\' && text[at + 1] == 'u') {
            at += 2;
            return Character.toCodePoint((char) unit, (char) hex(4));
        }
        return unit;
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length ? Character.digit(text[at], 16) : -1;
            if (digit < 0) {
                throw here("a hexadecimal digit");
            }
            value = value * 16 + digit;
            at++;
        }
        return value;
    }

    private static Ranges point(int c) {
        return Ranges.of(c, c);
    }

    private boolean eat(int c) {
        if (at < text.length && text[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private GrammarException here(String expected) {
        String found = at < text.length ? "\"" + Character.toString(text[at]) + "\"" : "the end";
        return refused(expected + " at character " + at, found);
    }

    private static GrammarException refused(String expected, String found) {
        return GrammarException.of("", "", expected, found);
    }
}
