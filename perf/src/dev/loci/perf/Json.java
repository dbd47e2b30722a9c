package dev.loci.perf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// JSON as maps, lists, strings, doubles, booleans and null. Not for the hot path: streams are searched by [EventText].
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /// @throws IllegalArgumentException where the text is not one JSON value
    static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at != text.length()) {
            throw json.wrong();
        }
        return value;
    }

    /// The value behind a path of names and indices; null where there is none.
    static Object at(Object value, Object... path) {
        for (Object step : path) {
            value = switch (value) {
                case Map<?, ?> map when step instanceof String -> map.get(step);
                case List<?> list when step instanceof Integer index && index < list.size() -> list.get(index);
                case null, default -> null;
            };
        }
        return value;
    }

    /// A member of an object as it stands in its text, numbers and all.
    /// @throws IllegalArgumentException where the text is no object that begins well and has it
    static String member(String text, String name) {
        Json json = new Json(text);
        json.space();
        json.take('{');
        while (true) {
            json.space();
            String key = json.string();
            json.space();
            json.take(':');
            json.space();
            int from = json.at;
            json.value();
            if (key.equals(name)) {
                return text.substring(from, json.at);
            }
            json.space();
            json.take(',');
        }
    }

    static long whole(Object value, Object... path) {
        return at(value, path) instanceof Double number ? number.longValue() : 0;
    }

    static String write(Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> map -> {
                List<String> entries = new ArrayList<>();
                map.forEach((key, each) -> entries.add(quote(key.toString()) + ":" + write(each)));
                yield "{" + String.join(",", entries) + "}";
            }
            case List<?> list ->
                "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
            case Double number when !Double.isFinite(number) -> "null";
            case Double number -> String.valueOf(Math.round(number * 1000) / 1000.0);
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            default -> quote(value.toString());
        };
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u").append(String.format("%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    private Object value() {
        space();
        if (at == text.length()) {
            throw wrong();
        }
        return switch (text.charAt(at)) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new LinkedHashMap<>();
        sequence('}', () -> {
            space();
            String key = string();
            space();
            take(':');
            map.put(key, value());
            return map;
        });
        return map;
    }

    private List<Object> array() {
        List<Object> list = new ArrayList<>();
        sequence(']', () -> list.add(value()));
        return list;
    }

    private void sequence(char end, Supplier<?> element) {
        at++;
        space();
        if (peek() == end) {
            at++;
            return;
        }
        while (true) {
            element.get();
            space();
            if (peek() == end) {
                at++;
                return;
            }
            take(',');
        }
    }

    private String string() {
        take('"');
        StringBuilder out = new StringBuilder();
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escaped = peek();
            at++;
            switch (escaped) {
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'r' -> out.append('\r');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'u' -> {
                    if (at + 4 > text.length()) {
                        throw wrong();
                    }
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> out.append(escaped);
            }
        }
        at++;
        return out.toString();
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return value;
    }

    private Double number() {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (start == at) {
            throw wrong();
        }
        return Double.valueOf(text.substring(start, at));
    }

    private void space() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at);
    }

    private void take(char expected) {
        if (peek() != expected) {
            throw wrong();
        }
        at++;
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("JSON @ " + at + ": expected a value, found "
                + (at < text.length() ? String.valueOf(text.charAt(at)) : "the end"));
    }
}
