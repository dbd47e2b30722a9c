package dev.loci.grammar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.SpecVersionDetector;
import com.networknt.schema.ValidationMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// Judges answers for `perf/structured`: a JSON object a line on standard input (`schema`, `text`, `whole`), a verdict,
/// a tab and the reason a line on standard output.
///
/// A whole answer must be JSON that another's validator finds valid. One that was cut must be the beginning of a text
/// that
/// the schema's machine has.
final class AnswerJudge {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final SchemaValidatorsConfig CONFIG =
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    /// What stands at the end for a character of which only the first bytes came.
    private static final String UNFINISHED = "\uFFFD";

    private AnswerJudge() {}

    public static void main(String[] words) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode answer = MAPPER.readTree(line);
            String text = answer.path("text").textValue();
            String verdict = answer.path("whole").asBoolean() ? whole(answer.path("schema"), text) : cut(answer, text);
            out.println(verdict.replace('\n', ' '));
        }
    }

    private static String whole(JsonNode schema, String text) {
        JsonNode value;
        try {
            value = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return "invalid\tno JSON: " + e.getOriginalMessage();
        }
        try {
            SpecVersion.VersionFlag draft =
                    SpecVersionDetector.detectOptionalVersion(schema, false).orElse(SpecVersion.VersionFlag.V202012);
            JsonSchema validator = JsonSchemaFactory.getInstance(draft).getSchema(schema, CONFIG);
            Set<ValidationMessage> problems = validator.validate(value);
            return problems.isEmpty() ? "valid\t" : "invalid\t" + problems;
        } catch (RuntimeException e) {
            return "unjudged\t" + e;
        }
    }

    private static String cut(JsonNode answer, String text) {
        String whole = text.endsWith(UNFINISHED) ? text.substring(0, text.length() - 1) : text;
        GrammarState state =
                Grammar.jsonSchema(answer.path("schema").toString()).first();
        return state.after(whole.getBytes(StandardCharsets.UTF_8)).alive()
                ? "beginning\t"
                : "no beginning\tleft the schema";
    }
}
