package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonSchemaTest {
    private static boolean accepts(String schema, String instance) {
        return Grammar.jsonSchema(schema)
                .first()
                .after(instance.getBytes(StandardCharsets.UTF_8))
                .complete();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"number\",\"multipleOf\":1e900000000}",
                "{\"type\":\"number\",\"multipleOf\":1e-900000000}",
                "{\"type\":\"number\",\"multipleOf\":1e3000000}",
                "{\"type\":\"integer\",\"maximum\":1e900000000}",
                "{\"type\":\"number\",\"minimum\":-1e30000000}",
                "{\"type\":\"number\",\"exclusiveMaximum\":1e-30000000}",
                "{\"not\":{\"enum\":[1e30000000]}}",
                "{\"const\":1e30000000}",
                "{\"type\":\"string\",\"maxLength\":1e-30000000}"
            })
    void numbersOfManyPlacesAreRefusedBeforeTheyAreWrittenOut(String schema) {
        assertThatThrownBy(() -> Grammar.jsonSchema(schema))
                .isInstanceOf(GrammarException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    /// Each bracket can be read in two ways.
    @Test
    void readingsOfATextAreBounded() {
        GrammarState state = Grammar.jsonSchema("""
                {"$defs": {"a": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/a"}, "minItems": 1},
                                           {"type": "array", "items": {"$ref": "#/$defs/a"}, "maxItems": 3}]}},
                 "$ref": "#/$defs/a"}""").first();
        for (int i = 0; i < 40; i++) {
            state = state.after("[".getBytes(StandardCharsets.UTF_8));
            assertThat(state.places()).hasSizeBetween(1, GrammarState.Collector.MAX_PLACES);
        }
        assertThat(state.after("]".repeat(40).getBytes(StandardCharsets.UTF_8)).complete())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"integer\"} | -12 | true",
                "{\"type\":\"integer\"} | 012 | false",
                "{\"type\":\"number\"} | -1.5e+3 | true",
                "{\"type\":\"number\",\"minimum\":-2.5} | -2.50 | true",
                "{\"type\":\"number\",\"minimum\":-2.5} | -2.51 | false",
                "{\"type\":\"number\",\"exclusiveMinimum\":10} | 10.0 | false",
                "{\"type\":\"number\",\"exclusiveMinimum\":10} | 10.01 | true",
                "{\"type\":\"integer\",\"minimum\":8,\"maximum\":105} | 99 | true",
                "{\"type\":\"integer\",\"minimum\":8,\"maximum\":105} | 106 | false",
                "{\"type\":\"integer\",\"minimum\":8,\"maximum\":105} | 7 | false",
                "{\"type\":\"number\",\"minimum\":0,\"exclusiveMinimum\":true} | 0.0 | false",
                "{\"type\":\"integer\",\"multipleOf\":7} | 49 | true",
                "{\"type\":\"integer\",\"multipleOf\":7} | 50 | false",
                "{\"type\":\"number\",\"multipleOf\":0.25} | 1.75 | true",
                "{\"type\":\"number\",\"multipleOf\":0.25} | 1.7 | false",
                "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3} | \"é𝄞\" | true",
                "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3} | \"a\" | false",
                "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3} | \"abcd\" | false",
                "{\"type\":\"string\",\"maxLength\":2} | \"\\n\\\"\" | true",
                "{\"type\":\"string\"} | \"\\u00e9\\/\" | true",
                "{\"type\":\"string\"} | \"\\ud800\" | false",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2024-02-29\" | true",
                "{\"type\":\"string\",\"format\":\"date\"} | \"2023-02-29\" | false",
                "{\"type\":\"string\",\"format\":\"ipv6\"} | \"1::8:9\" | true",
                "{\"type\":\"string\",\"format\":\"ipv6\"} | \"1::2::3\" | false",
                "{\"enum\":[1,\"a\",{\"b\":[2]}]} | {\"b\": [2]} | true",
                "{\"enum\":[1,\"a\",{\"b\":[2]}]} | {\"b\": [3]} | false",
                "{\"properties\":{\"a\":{},\"b\":{}},\"type\":\"object\"} | {\"a\": 1, \"b\": 2} | true",
                "{\"properties\":{\"a\":{},\"b\":{}},\"type\":\"object\"} | {\"b\": 1, \"a\": 2} | false",
                "{\"properties\":{\"a\":{\"type\":\"null\"}},\"type\":\"object\"} | {\"\\u0061\": 1} | false",
                "{\"properties\":{\"a\":{\"type\":\"null\"}},\"type\":\"object\"} | {\"aa\": 1} | true",
                "{\"type\":\"object\",\"patternProperties\":{\"^x\":{\"type\":\"null\"}}} | {\"xy\": null, \"z\": 1} | true",
                "{\"type\":\"object\",\"patternProperties\":{\"^x\":{\"type\":\"null\"}}} | {\"xy\": 1} | false",
                "{\"type\":\"object\",\"maxProperties\":1} | {\"a\": 1, \"b\": 1} | false",
                "{\"type\":\"array\",\"prefixItems\":[{\"const\":1}],\"items\":false} | [1] | true",
                "{\"type\":\"array\",\"prefixItems\":[{\"const\":1}],\"items\":false} | [1, 2] | false",
                "{\"type\":\"array\",\"minItems\":2,\"items\":{\"type\":\"null\"}} | [null, null, null] | true",
                "{\"type\":\"array\",\"minItems\":2,\"items\":{\"type\":\"null\"}} | [null] | false",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]} | 1.5 | true",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]} | 1 | false",
                "{\"type\":\"object\",\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]} | {\"b\": 1} | true",
                "{\"type\":\"object\",\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]} | {\"b\": 1, \"a\": 1} | false",
                "{\"not\":{\"enum\":[\"a\"]}} | \"a\" | false",
                "{\"not\":{\"enum\":[\"a\"]}} | \"ab\" | true",
                "{\"type\":\"string\",\"title\":\"t\",\"x-own\":{\"any\":1}} | \"s\" | true",
                "{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}}} | [[], [[]]] | true"
            })
    void decidesAsTheSpecificationDoes(String schema, String instance, boolean expected) {
        assertThat(accepts(schema, instance)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"properties\":{\"a\":{\"contains\":{}}}} | #/properties/a, contains: ",
                "{\"uniqueItems\":true} | #, uniqueItems: ",
                "{\"unevaluatedProperties\":false} | #, unevaluatedProperties: ",
                "{\"$ref\":\"http://elsewhere/x\"} | #, $ref: ",
                "{\"anyOf\":[{\"$ref\":\"#\"}]} | #, $ref: ",
                "{\"type\":\"text\"} | #, type: ",
                "{\"minLength\":-1} | #, minLength: ",
                "{\"pattern\":\"(?=a)\"} | #, pattern: ",
                "{\"format\":\"iri\"} | #, format: ",
                "{\"items\":[{\"required\":true}]} | #/items/0, required: ",
                "false | #: ",
                "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":false}} | #: ",
                "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"$ref\":\"#\"}}} | #: ",
                "[] | #: ",
                "{ | #: ",
                "{\"maximum\":1e9999999999} | #: "
            })
    void refusesByKeywordAndPath(String schema, String start) {
        assertThatThrownBy(() -> Grammar.jsonSchema(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessageStartingWith(start + " expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"e08080", "e09fbf", "eda080", "edbfbf", "f0808080", "f08fbfbf", "f4908080", "c080", "ff"})
    void bytesThatAreNoCharacterAreInNoString(String hex) {
        GrammarState open = Grammar.jsonSchema("{\"type\":\"string\"}").first().after(new byte[] {'"'});
        assertThat(open.after(HexFormat.of().parseHex(hex)).alive()).isFalse();
    }

    @Test
    void aDeepSchemaIsRefusedBeforeTheStackIsFull() {
        String schema = "{\"items\":".repeat(5000) + "{}" + "}".repeat(5000);
        assertThatThrownBy(() -> Grammar.jsonSchema(schema)).isInstanceOf(GrammarException.class);
    }
}
