package dev.loci.grammar;

/// Parts of JSON that are the same in every schema. Blanks: one, or a line break with up to 32
/// blanks, after brackets and commas and before closing brackets; one after a colon.
final class JsonLexemes {
    private static final String BLANKS = "( |\n {0,32})?";
    private static final String CHARACTER =
            "([^\"\\\\\\x00-\\x1f]|\\\\([\"\\\\/bfnrt]|u([0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})))";

    static final ByteDfa STRING = ByteDfa.shared("\"" + CHARACTER + "*\"");
    static final ByteDfa ONE_WAY_KEY = ByteDfa.sharedKey();
    static final ByteDfa NUMBER = ByteDfa.shared(Numbers.ANY);
    static final ByteDfa INTEGER = ByteDfa.shared(Numbers.INTEGER);
    static final ByteDfa OPEN_OBJECT = ByteDfa.shared("\\{" + BLANKS);
    static final ByteDfa CLOSE_OBJECT = ByteDfa.shared(BLANKS + "\\}");
    static final ByteDfa OPEN_ARRAY = ByteDfa.shared("\\[" + BLANKS);
    static final ByteDfa CLOSE_ARRAY = ByteDfa.shared(BLANKS + "\\]");
    static final ByteDfa COMMA = ByteDfa.shared("," + BLANKS);
    static final ByteDfa NULL = ByteDfa.shared("null");
    static final ByteDfa TRUE = ByteDfa.shared("true");
    static final ByteDfa FALSE = ByteDfa.shared("false");
    static final ByteDfa BOOLEAN = ByteDfa.shared("true|false");

    private JsonLexemes() {}

    /// A text as a JSON string.
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append("\\u00").append(c < 16 ? "0" : "1").append(Integer.toHexString(c & 15));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
