package dev.loci.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The value of one key, still a text.
public record ConfigValue(String key, String value) {
    private static final String WHERE = "configuration";
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h)");

    /// The constant whose name in small letters the value is.
    public <E extends Enum<E>> E choice(Class<E> type) {
        return Stream.of(type.getEnumConstants())
                .filter(constant -> lowerCase(constant).equals(value))
                .findFirst()
                .orElseThrow(() -> refused(Stream.of(type.getEnumConstants())
                        .map(ConfigValue::lowerCase)
                        .collect(Collectors.joining(", ", "one of ", ""))));
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// Whether the value is the text; else it is to be read as something else.
    public boolean is(String text) {
        return value.equals(text);
    }

    public int integer(int min) {
        try {
            int number = Integer.parseInt(value);
            if (number >= min) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw refused("an integer of at least " + min);
        }
        throw refused("an integer of at least " + min);
    }

    /// A number of bytes of at least 1; `64m` is 64 MiB.
    public long bytes() {
        String expected = "bytes such as 512m or 4g, or auto";
        String text = value.toLowerCase(Locale.ROOT);
        int unit = text.isEmpty() ? -1 : List.of('k', 'm', 'g', 't').indexOf(text.charAt(text.length() - 1));
        String digits = unit < 0 ? text : text.substring(0, text.length() - 1);
        try {
            long bytes = Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw refused(expected);
        }
        throw refused(expected);
    }

    public boolean bool() {
        if (!is("true") && !is("false")) {
            throw refused("true or false");
        }
        return is("true");
    }

    /// A number of 0 to 1.
    public double share() {
        try {
            double share = Double.parseDouble(value);
            if (share >= 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            throw refused("a number of 0 to 1");
        }
        throw refused("a number of 0 to 1");
    }

    /// A whole number with its unit: `500ms`, `30s`, `5m`, `1h`.
    /// @param others what else the key may say, as the complaint goes on; it is for the caller to read
    public Duration duration(String others) {
        Matcher parts = DURATION.matcher(value);
        if (!parts.matches()) {
            throw refused("a duration such as 500ms, 30s, 5m or 1h" + others);
        }
        long number = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    public ConfigException refused(String expected) {
        return ConfigException.of(WHERE, key, expected, value.isEmpty() ? "nothing" : value);
    }
}
