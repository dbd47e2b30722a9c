package dev.loci.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Names of enum constants as options take them: in small letters.
final class Names {
    private Names() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// The constant that an option's value names.
    /// @throws CliException where it names none
    static <E extends Enum<E>> E parse(Class<E> type, String option, String value) {
        return find(type, value).orElseThrow(() -> CliException.ofOption(option, list(type), value));
    }

    /// The constant that an option's value names; empty for `auto`.
    static <E extends Enum<E>> Optional<E> parseOrAuto(Class<E> type, String option, String value) {
        if (value.equals("auto")) {
            return Optional.empty();
        }
        return Optional.of(
                find(type, value).orElseThrow(() -> CliException.ofOption(option, list(type) + " or auto", value)));
    }

    private static <E extends Enum<E>> Optional<E> find(Class<E> type, String value) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> of(constant).equals(value))
                .findFirst();
    }

    private static <E extends Enum<E>> String list(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(Names::of).collect(Collectors.joining(", "));
    }
}
