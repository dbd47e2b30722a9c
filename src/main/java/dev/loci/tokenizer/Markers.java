package dev.loci.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The special tokens that a chat template writes, told apart from the same text inside a message.
///
/// A template gives one string. So each place of a message at which a special token starts, or might once text stands
/// before or behind it, gets a seal: a character that occurs nowhere else. In the rendered string a special token
/// counts
/// only with no seal before or inside it; then the seals go.
final class Markers {
    private static final char FIRST_SEAL = '\uE000';
    private static final char LAST_SEAL = '\uF8FF';

    private final List<AddedToken> longestFirst;
    private final char seal;
    /// First characters of special tokens: where none of them stands, none starts.
    private final BitSet firsts = new BitSet();

    private Markers(List<AddedToken> longestFirst, char seal) {
        this.longestFirst = longestFirst;
        this.seal = seal;
        longestFirst.forEach(token -> firsts.set(fold(token.content().charAt(0))));
    }

    /// @param texts everything that goes into the rendered string
    static Markers of(List<AddedToken> added, List<String> texts) {
        for (char c = FIRST_SEAL; c <= LAST_SEAL; c++) {
            char seal = c;
            if (texts.stream().allMatch(text -> text.indexOf(seal) < 0)
                    && added.stream().allMatch(token -> token.content().indexOf(seal) < 0)) {
                return new Markers(
                        added.stream()
                                .sorted(Comparator.comparingInt(
                                        (AddedToken token) -> -token.content().length()))
                                .toList(),
                        seal);
            }
        }
        throw TokenizerException.of(
                "messages", "content", "at least one private-use character that does not occur", "all of them");
    }

    /// The content of a message with its seals. Templates trim and change case, so both are looked through.
    String sealed(String content) {
        int first = 0;
        int end = content.length();
        while (end > 0 && Character.isWhitespace(content.charAt(end - 1))) {
            end--;
        }
        while (first < end && Character.isWhitespace(content.charAt(first))) {
            first++;
        }
        StringBuilder sealed = new StringBuilder(content.length() + 8);
        for (int i = 0; i < content.length(); i++) {
            boolean edge = i == 0 || i == first;
            if (startsMarker(content, i, end) || (edge && continuesMarker(content, i, end))) {
                sealed.append(seal);
            }
            sealed.append(content.charAt(i));
        }
        return sealed.toString();
    }

    /// Whether a special token stands at `from`, or the content ends inside of what may become one.
    private boolean startsMarker(String content, int from, int end) {
        if (!firsts.get(fold(content.charAt(from)))) {
            return false;
        }
        for (AddedToken token : longestFirst) {
            String marker = token.content();
            int common = common(content, from, marker, 0);
            if (common == marker.length() || (common > 0 && from + common >= end)) {
                return true;
            }
        }
        return false;
    }

    /// Whether the inside or the end of a special token stands at `from`.
    private boolean continuesMarker(String content, int from, int end) {
        for (AddedToken token : longestFirst) {
            String marker = token.content();
            for (int inside = 1; inside < marker.length(); inside++) {
                int common = common(content, from, marker, inside);
                if (common > 0 && (inside + common == marker.length() || from + common >= end)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int common(String content, int from, String marker, int inside) {
        int common = 0;
        while (from + common < content.length()
                && inside + common < marker.length()
                && fold(content.charAt(from + common)) == fold(marker.charAt(inside + common))) {
            common++;
        }
        return common;
    }

    private static char fold(char c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }

    /// Ids of a rendered string: its unsealed special tokens, and between them text that gives none.
    int[] encode(Tokenizer tokenizer, String rendered) {
        IntStream.Builder ids = IntStream.builder();
        int textStart = 0;
        int at = 0;
        while (at < rendered.length()) {
            AddedToken token = markerAt(rendered, at);
            if (token == null) {
                at++;
                continue;
            }
            String before = rendered.substring(textStart, at);
            text(tokenizer, token.stripsLeft() ? before.stripTrailing() : before, ids);
            ids.add(token.id());
            at += token.content().length();
            while (token.stripsRight() && at < rendered.length() && Character.isWhitespace(rendered.charAt(at))) {
                at++;
            }
            textStart = at;
        }
        text(tokenizer, rendered.substring(textStart), ids);
        return ids.build().toArray();
    }

    /// Null where there is none.
    private AddedToken markerAt(String rendered, int at) {
        if (!firsts.get(fold(rendered.charAt(at))) || (at > 0 && rendered.charAt(at - 1) == seal)) {
            return null;
        }
        for (AddedToken token : longestFirst) {
            if (rendered.startsWith(token.content(), at)) {
                return token;
            }
        }
        return null;
    }

    private void text(Tokenizer tokenizer, String text, IntStream.Builder ids) {
        String unsealed = text.replace(String.valueOf(seal), "");
        if (!unsealed.isEmpty()) {
            Arrays.stream(tokenizer.encodePlain(unsealed)).forEach(ids::add);
        }
    }
}
