package dev.loci.perf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A command line of `--name value`, `--flag` and, behind `--`, words for somebody else.
final class Arguments {
    /// What the operator can put right: one line on stderr and exit code 2.
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message);
        }
    }

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final List<String> rest = new ArrayList<>();

    /// @param flags names that have no value
    static Arguments parse(String[] words, Set<String> flags) {
        Arguments arguments = new Arguments();
        for (int i = 0; i < words.length; i++) {
            if (words[i].equals("--")) {
                arguments.rest.addAll(List.of(words).subList(i + 1, words.length));
                break;
            }
            if (!words[i].startsWith("--")) {
                throw new Wrong("arguments: expected an option, found " + words[i]);
            }
            String name = words[i].substring(2);
            String value = "";
            if (!flags.contains(name)) {
                if (++i == words.length) {
                    throw new Wrong("--" + name + ": expected a value, found none");
                }
                value = words[i];
            }
            arguments.values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return arguments;
    }

    List<String> rest() {
        return List.copyOf(rest);
    }

    List<String> all(String name) {
        asked.add(name);
        return values.getOrDefault(name, List.of());
    }

    Optional<String> find(String name) {
        List<String> found = all(name);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
    }

    String text(String name, String fallback) {
        return find(name).orElse(fallback);
    }

    boolean flag(String name) {
        return find(name).isPresent();
    }

    int integer(String name, int fallback) {
        return find(name).map(value -> integerOf(name, value)).orElse(fallback);
    }

    double number(String name, double fallback) {
        try {
            return find(name).map(Double::parseDouble).orElse(fallback);
        } catch (NumberFormatException e) {
            throw new Wrong(
                    "--" + name + ": expected a number, found " + find(name).orElseThrow());
        }
    }

    static int integerOf(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new Wrong("--" + name + ": expected an integer, found " + value);
        }
    }

    /// To be called when every known option has been asked for.
    void refuseOthers() {
        for (String name : values.keySet()) {
            if (!asked.contains(name)) {
                throw new Wrong("--" + name + ": expected an option that this command has, found another");
            }
        }
    }
}
