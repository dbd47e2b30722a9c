package dev.loci.cli;

import io.smallrye.config.ConfigValidationException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says in our words why the framework did not start, where it is for the operator to put right.
final class StartProblem {
    private static final String WHERE = "configuration";
    /// What it says stands in no message.
    private static final String SECRETS = "loci.api.keys";
    private static final Pattern UNKNOWN_KEY = Pattern.compile("SRCFG00050: (\\S+) in .*");
    private static final Pattern BAD_VALUE = Pattern.compile(
            "SRCFG00039: The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being"
                    + " converted ?(.*)",
            Pattern.DOTALL);
    private static final Pattern MISSING = Pattern.compile("SRCFG00014: The config property (\\S+) is required.*");
    private static final Pattern REFERENCE =
            Pattern.compile("SRCFG00011: Could not expand value (\\S+) in property (\\S+)");
    private static final Pattern CODE = Pattern.compile("SRCFG[0-9]+: ");
    private static final Pattern TYPE = Pattern.compile("^([a-z]+\\.)+[A-Za-z.]+: ");
    private static final String BAD_PORT = "port must be";
    private static final String BAD_ENDPOINT = "Invalid endpoint, must ";

    private StartProblem() {}

    /// The same, or what to show instead.
    static Exception of(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case ConfigValidationException invalid -> {
                    return configuration(invalid);
                }
                case BindException taken -> {
                    return CliException.of("address", "port", "a free one (--port)", taken.getMessage());
                }
                case UnknownHostException nobody -> {
                    return CliException.of("address", "host", "one of this machine (--host)", nobody.getMessage());
                }
                case IllegalArgumentException bad
                when String.valueOf(bad.getMessage()).startsWith(BAD_PORT) -> {
                    return CliException.of(WHERE, "quarkus.http.port", "0 to 65535", "another number");
                }
                case IllegalArgumentException bad
                when String.valueOf(bad.getMessage()).startsWith(BAD_ENDPOINT) -> {
                    return CliException.of(
                            WHERE,
                            "loci.telemetry.otlp.endpoint",
                            "an address such as http://collector:4318",
                            bad.getMessage().substring(bad.getMessage().indexOf(": ") + 2));
                }
                default -> {}
            }
        }
        return problem instanceof Exception exception ? exception : new IllegalStateException(problem);
    }

    private static CliException configuration(ConfigValidationException invalid) {
        int others = invalid.getProblemCount() - 1;
        return problem(
                TYPE.matcher(invalid.getProblem(0).getMessage()).replaceFirst(""),
                others == 0 ? "" : " (and " + others + " more that cannot be)");
    }

    private static CliException problem(String message, String others) {
        Matcher unknown = UNKNOWN_KEY.matcher(message);
        if (unknown.matches()) {
            return CliException.of(
                    WHERE, unknown.group(1), "a key that loci serve --help lists", "one that is not there" + others);
        }
        Matcher value = BAD_VALUE.matcher(message);
        if (value.matches()) {
            String reason = CODE.matcher(value.group(3)).replaceAll("");
            return CliException.of(
                    WHERE,
                    value.group(1),
                    "a value that it can have",
                    value.group(2) + (reason.isBlank() ? "" : " (" + reason.strip() + ")") + others);
        }
        Matcher missing = MISSING.matcher(message);
        if (missing.matches()) {
            return CliException.of(WHERE, missing.group(1), "a value", "nothing" + others);
        }
        Matcher reference = REFERENCE.matcher(message);
        if (reference.matches() && reference.group(2).equals(SECRETS)) {
            return CliException.of(WHERE, SECRETS, "keys without ${ (a file may have such)", "one with it" + others);
        }
        if (reference.matches()) {
            return CliException.of(
                    WHERE,
                    reference.group(2),
                    "names of values that are there",
                    "${" + reference.group(1) + "}" + others);
        }
        return CliException.of(
                WHERE,
                "keys",
                "values that they can have",
                CODE.matcher(message).replaceAll("") + others);
    }
}
