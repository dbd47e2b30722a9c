package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.app.Program;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the operator can put right ends the packaged server's start with one line and exit code 2.
final class PackagedRefusalsTest {
    private static void refuses(String line, Program program, Map<String, String> environment) throws Exception {
        Program.Output output = program.run(environment, "", "serve", "--host=127.0.0.1");
        assertThat(output.err()).isEqualTo("loci serve: " + line + "\n");
        assertThat(output.out()).isEmpty();
        assertThat(output.exit()).isEqualTo(2);
    }

    private static void refusesVariable(String name, String value, String line) throws Exception {
        refuses(line, Program.packaged("-Dquarkus.http.port=0"), Map.of(name, value));
    }

    private static void refusesKey(String key, String value, String line) throws Exception {
        refuses(line, Program.packaged("-Dquarkus.http.port=0", "-D" + key + "=" + value), Map.of());
    }

    @Test
    void anUnknownVariable() throws Exception {
        refusesVariable(
                "LOCI_KVTYPE",
                "f16",
                "environment, LOCI_KVTYPE: expected the variable of a key that loci serve --help lists, such as "
                        + "LOCI_KV_TYPE for loci.kv.type, found none that anything reads");
    }

    @Test
    void aVariableWithAnImpossibleValue() throws Exception {
        refusesVariable(
                "LOCI_KV_TYPE",
                "f8",
                "configuration, loci.kv.type: expected one of f32, f16, bf16, int8, auto, found f8");
    }

    @Test
    void anUnknownKey() throws Exception {
        refusesKey(
                "loci.kv.typ",
                "f16",
                "configuration, loci.kv.typ: expected a key that loci serve --help lists, found one that is not there");
    }

    @Test
    void aKeyWithAnImpossibleValue() throws Exception {
        refusesKey(
                "loci.batch.max-sequences",
                "many",
                "configuration, loci.batch.max-sequences: expected an integer of at least 1, found many");
    }

    @Test
    void impossibleValuesOfTheFrameworksKeys() throws Exception {
        refuses(
                "configuration, quarkus.http.port: expected a value that it can have, found abc (Expected an integer "
                        + "value, got \"abc\")",
                Program.packaged(),
                Map.of("QUARKUS_HTTP_PORT", "abc"));
        refuses(
                "configuration, quarkus.http.port: expected 0 to 65535, found another number",
                Program.packaged("-Dquarkus.http.port=99999"),
                Map.of());
        refusesKey(
                "quarkus.log.level",
                "LOUD",
                "configuration, quarkus.log.level: expected a value that it can have, found LOUD (Unknown level \"LOUD\")");
    }

    @Test
    void keysThatCannotBeHadAndTimesThatCannotBe() throws Exception {
        refusesVariable(
                "LOCI_API_KEYS_FILE",
                "/nowhere",
                "configuration, loci.api.keys.file: expected a file with one API key a line, found none that can be read"
                        + " at /nowhere");
        refusesVariable(
                "LOCI_API_KEYS",
                "sk-one,,sk-two",
                "configuration, loci.api.keys: expected API keys with commas between them, found others: key 2: expected"
                        + " 1 to 512 visible ASCII characters, found something else");
        refusesVariable(
                "LOCI_API_KEYS",
                "sk-${secret}",
                "configuration, loci.api.keys: expected keys without ${ (a file may have such), found one with it");
        refusesVariable(
                "LOCI_HTTP_HEAD_TIMEOUT",
                "0s",
                "configuration, loci.http.head-timeout: expected a duration above 0, found 0s");
    }
}
