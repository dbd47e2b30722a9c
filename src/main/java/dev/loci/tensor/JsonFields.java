package dev.loci.tensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// A strict reader of one JSON object: a key that is missing, of another type, out of range, given twice or never asked
/// for is
/// refused by its name. Ask for every known key, then call [#end].
public final class JsonFields {
    /// Makes the exception of the package that reads.
    @FunctionalInterface
    public interface Refusal {
        RuntimeException of(String where, String what, String expected, String found);
    }

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final int SHOWN_CHARS = 60;

    private final String where;
    private final String prefix;
    private final ObjectNode object;
    private final Refusal refusal;
    private final Set<String> read = new HashSet<>();

    private JsonFields(String where, String prefix, ObjectNode object, Refusal refusal) {
        this.where = where;
        this.prefix = prefix;
        this.object = object;
        this.refusal = refusal;
    }

    /// Reads the text of one object.
    /// @param where file, for messages
    /// @param utf8  the whole text of the object
    public static JsonFields parse(String where, byte[] utf8, Refusal refusal) {
        JsonNode root;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            root = MAPPER.readTree(text);
        } catch (CharacterCodingException e) {
            throw refusal.of(where, "text", "UTF-8", "other bytes");
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw refusal.of(where, "text", "JSON", oneLine(e.getOriginalMessage()) + line);
        } catch (NumberFormatException e) {
            throw refusal.of(where, "text", "JSON with exponents of 32 bits", "a number with a larger one");
        }
        return of(where, root, refusal);
    }

    public static JsonFields of(String where, JsonNode root, Refusal refusal) {
        if (root instanceof ObjectNode object) {
            return new JsonFields(where, "", object, refusal);
        }
        throw refusal.of(where, "text", "a JSON object", root.isMissingNode() ? "nothing" : shown(root));
    }

    public List<String> names() {
        return List.copyOf(names(object));
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /// Whether the key is there with a value other than null.
    public boolean has(String name) {
        return object.hasNonNull(name);
    }

    public boolean hasKey(String name) {
        return object.has(name);
    }

    /// Takes a key without looking at its value.
    public void skip(String name) {
        read.add(name);
    }

    public long integer(String name, long min, long max) {
        JsonNode node = node(name);
        String expected = "an integer in [" + min + ", " + max + "]";
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw refuse(name, expected, node);
        }
        if (node.longValue() < min || node.longValue() > max) {
            throw refuse(name, expected, node);
        }
        return node.longValue();
    }

    public int integer(String name, int min) {
        return Math.toIntExact(integer(name, min, Integer.MAX_VALUE));
    }

    public OptionalInt optionalInteger(String name, int min) {
        read.add(name);
        return has(name) ? OptionalInt.of(integer(name, min)) : OptionalInt.empty();
    }

    /// A finite number.
    public double number(String name) {
        JsonNode node = node(name);
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw refuse(name, "a number", node);
        }
        return node.doubleValue();
    }

    public OptionalDouble optionalNumber(String name) {
        read.add(name);
        return has(name) ? OptionalDouble.of(number(name)) : OptionalDouble.empty();
    }

    public boolean bool(String name) {
        JsonNode node = node(name);
        if (!node.isBoolean()) {
            throw refuse(name, "true or false", node);
        }
        return node.booleanValue();
    }

    public String string(String name) {
        JsonNode node = node(name);
        if (!node.isTextual()) {
            throw refuse(name, "a string", node);
        }
        return node.textValue();
    }

    public Optional<String> optionalString(String name) {
        read.add(name);
        return has(name) ? Optional.of(string(name)) : Optional.empty();
    }

    /// The constant whose name in lower case is the key's value.
    public <E extends Enum<E>> E constant(String name, Class<E> type) {
        JsonNode node = node(name);
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String lower = constant.name().toLowerCase(Locale.ROOT);
            if (node.isTextual() && node.textValue().equals(lower)) {
                return constant;
            }
            names.add(lower);
        }
        throw refuse(name, "one of " + String.join(", ", names), node);
    }

    public List<Long> integers(String name, long min, long max) {
        JsonNode node = array(name);
        List<Long> out = new ArrayList<>();
        for (JsonNode element : node) {
            boolean fits = element.isIntegralNumber() && element.canConvertToLong();
            if (!fits || element.longValue() < min || element.longValue() > max) {
                throw refuse(name + "[" + out.size() + "]", "an integer in [" + min + ", " + max + "]", element);
            }
            out.add(element.longValue());
        }
        return out;
    }

    public JsonFields object(String name) {
        JsonNode node = node(name);
        if (node instanceof ObjectNode child) {
            return new JsonFields(where, prefix + name + ".", child, refusal);
        }
        throw refuse(name, "an object", node);
    }

    public List<JsonFields> objects(String name) {
        JsonNode node = array(name);
        List<JsonFields> out = new ArrayList<>();
        for (JsonNode element : node) {
            String index = name + "[" + out.size() + "]";
            if (!(element instanceof ObjectNode child)) {
                throw refuse(index, "an object", element);
            }
            out.add(new JsonFields(where, prefix + index + ".", child, refusal));
        }
        return out;
    }

    private JsonNode array(String name) {
        JsonNode node = node(name);
        if (!node.isArray()) {
            throw refuse(name, "an array", node);
        }
        return node;
    }

    /// The value as it stands, or a missing node.
    public JsonNode any(String name) {
        read.add(name);
        return object.path(name);
    }

    /// Refuses the first key that was not asked for.
    public void end() {
        for (String name : names(object)) {
            if (!read.contains(name)) {
                throw refusal.of(where, oneLine(prefix) + shortened(name), "no such key", shown(object.get(name)));
            }
        }
    }

    public RuntimeException refuse(String name, String expected, JsonNode found) {
        return refusal.of(
                where, oneLine(prefix + name), expected, found.isMissingNode() ? "no such key" : shown(found));
    }

    private JsonNode node(String name) {
        read.add(name);
        return object.path(name);
    }

    private static String shown(JsonNode node) {
        return shortened(node.toString());
    }

    private static String shortened(String whole) {
        String text = oneLine(whole);
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }
}
