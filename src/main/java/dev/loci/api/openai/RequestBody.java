package dev.loci.api.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;

/// Reads the JSON object of a request, within bounds; numbers exactly, for a schema may stand in it.
final class RequestBody {
    static final int MAX_BYTES = 16 << 20;
    /// Brackets, names and values. A tree takes up to a hundred bytes for each, whatever it takes in the body.
    static final int MAX_JSON_TOKENS = 1 << 21;

    private static final int MAX_DEPTH = 64;
    private static final int CHUNK = 1 << 14;
    /// Memory for each byte of a body: its buffer, and the text that is decoded from it.
    private static final int COST = 4;

    private static final ObjectMapper MAPPER = mapper();

    private RequestBody() {}

    private static ObjectMapper mapper() {
        ObjectMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_BYTES)
                        .maxTokenCount(MAX_JSON_TOKENS)
                        .build());
        return mapper;
    }

    /// @param share from which memory is taken: for the body now, for its tree as long as that is used
    static ObjectNode read(InputStream body, BodyBudget.Share share) throws IOException {
        byte[] bytes = bytes(body, share);
        try (JsonParser parser = new CountedTokens(MAPPER.createParser(bytes), share)) {
            JsonNode tree = MAPPER.reader().readTree(parser);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw ApiException.request(
                    400,
                    "invalid_json",
                    "body: expected a JSON object, found " + (tree == null ? "nothing" : RequestFields.kind(tree)));
        } catch (StreamConstraintsException e) {
            throw ApiException.request(
                    400,
                    "invalid_json",
                    "body: expected JSON of at most " + MAX_JSON_TOKENS + " brackets, names and values, " + MAX_DEPTH
                            + " levels deep, and numbers of sane length, found more");
        } catch (NumberFormatException e) {
            throw ApiException.request(
                    400,
                    "invalid_json",
                    "body: expected JSON with exponents of 32 bits, found a number with a larger one");
        } catch (CharConversionException e) {
            // its first bytes look like UTF-16 or UTF-32, the rest does not
            throw ApiException.request(400, "invalid_json", "body: expected JSON in UTF-8, found something else");
        } catch (JsonProcessingException e) {
            throw ApiException.request(
                    400,
                    "invalid_json",
                    "body @ byte "
                            + Math.max(
                                    0,
                                    e.getLocation() == null
                                            ? 0
                                            : e.getLocation().getByteOffset())
                            + ": expected JSON, found something else");
        }
    }

    private static byte[] bytes(InputStream body, BodyBudget.Share share) throws IOException {
        try {
            return whole(body, share);
        } catch (ApiException e) {
            if (e.retryAfterSeconds().isPresent()) {
                // Others get on with the memory while the client, who would not see the answer before, sends the rest.
                share.close();
                skip(body);
            }
            throw e;
        }
    }

    private static byte[] whole(InputStream body, BodyBudget.Share share) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
            requireAtMost(bytes.size() + count);
            share.take((long) COST * count);
            bytes.write(chunk, 0, count);
        }
        return bytes.toByteArray();
    }

    private static void skip(InputStream body) throws IOException {
        byte[] chunk = new byte[CHUNK];
        int size = 0;
        for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
            size += count;
            requireAtMost(size);
        }
    }

    private static void requireAtMost(int bytes) {
        if (bytes > MAX_BYTES) {
            throw ApiException.request(
                    413, "request_too_large", "body: expected at most " + MAX_BYTES + " bytes, found more");
        }
    }
}
