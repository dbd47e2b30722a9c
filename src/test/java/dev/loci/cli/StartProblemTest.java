package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import java.net.BindException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StartProblemTest {
    private static Throwable started(Throwable cause) {
        return new IllegalStateException("Failed to start quarkus", cause);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SRCFG00050: loci.foo in SysPropConfigSource does not map to any root"
                        + "|loci.foo: expected a key that loci serve --help lists, found one that is not there",
                "java.lang.IllegalArgumentException: SRCFG00039: The config property quarkus.http.port with the config"
                        + " value \"abc\" threw an Exception whilst being converted SRCFG00029: Expected an integer value,"
                        + " got \"abc\""
                        + "|quarkus.http.port: expected a value that it can have, found abc (Expected an integer value,"
                        + " got \"abc\")",
                "java.util.NoSuchElementException: SRCFG00014: The config property a.b is required but it could not be"
                        + " found in any config source|a.b: expected a value, found nothing",
                "java.util.NoSuchElementException: SRCFG00011: Could not expand value nope in property quarkus.http.host"
                        + "|quarkus.http.host: expected names of values that are there, found ${nope}",
                "java.util.NoSuchElementException: SRCFG00011: Could not expand value ret in property loci.api.keys"
                        + "|loci.api.keys: expected keys without ${ (a file may have such), found one with it",
                "SRCFG00099: Something else|keys: expected values that they can have, found Something else"
            })
    void oneProblemIsOneLine(String found, String said) {
        Throwable invalid = new ConfigValidationException(new Problem[] {new Problem(found)});
        assertThat(StartProblem.of(started(invalid)))
                .isInstanceOf(CliException.class)
                .hasMessage("configuration, " + said);
    }

    @Test
    void theFirstOfSeveralProblemsIsNamedAndTheOthersAreCounted() {
        Throwable invalid = new ConfigValidationException(new Problem[] {
            new Problem("SRCFG00050: loci.foo in X does not map to any root"),
            new Problem("SRCFG00050: loci.bar in X does not map to any root")
        });
        assertThat(StartProblem.of(invalid))
                .hasMessage("configuration, loci.foo: expected a key that loci serve --help lists, "
                        + "found one that is not there (and 1 more that cannot be)");
    }

    @Test
    void anEndpointThatCannotBeIsNamed() {
        String message = "Invalid endpoint, must start with http:// or https://: collector:4318";
        assertThat(StartProblem.of(started(new IllegalArgumentException(message))))
                .hasMessage("configuration, loci.telemetry.otlp.endpoint: expected an address such as "
                        + "http://collector:4318, found collector:4318");
    }

    @Test
    void addressesThatCannotBeAreNamed() {
        assertThat(StartProblem.of(started(new BindException("Address already in use"))))
                .hasMessage("address, port: expected a free one (--port), found Address already in use");
        assertThat(StartProblem.of(started(new UnknownHostException("nowhere: Name or service not known"))))
                .hasMessage("address, host: expected one of this machine (--host), "
                        + "found nowhere: Name or service not known");
        assertThat(StartProblem.of(started(new IllegalArgumentException("port must be <= 65535"))))
                .hasMessage("configuration, quarkus.http.port: expected 0 to 65535, found another number");
    }

    @Test
    void anythingElseStaysWhatItIs() {
        Throwable other = started(new IllegalStateException("a bug"));
        assertThat(StartProblem.of(other)).isSameAs(other);
        Throwable error = new AssertionError("a bug");
        assertThat(StartProblem.of(error)).hasCause(error);
    }
}
