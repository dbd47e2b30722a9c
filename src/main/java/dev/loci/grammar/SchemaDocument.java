package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/// A document with the schemas in it, and what their references point to.
final class SchemaDocument {
    private static final int MAX_SCHEMAS = 200_000;

    private final JsonNode root;
    private final boolean referencesStandAlone;
    private final String base;
    private final IdentityHashMap<JsonNode, Schema> schemas = new IdentityHashMap<>();
    private final IdentityHashMap<JsonNode, Schema> constants = new IdentityHashMap<>();
    private final IdentityHashMap<Schema, Schema> negated = new IdentityHashMap<>();
    private final Map<String, JsonNode> names = new HashMap<>();
    private final Schema nothing;
    private int count;

    SchemaDocument(JsonNode root) {
        this.root = root;
        String dialect = root.path("$schema").asText("");
        this.referencesStandAlone = dialect.matches(".*draft-0[3-7].*");
        this.base = root.path("$id").asText(root.path("id").asText(""));
        this.nothing = new Schema(BooleanNode.FALSE, "#", count++);
        collect(root);
    }

    private void collect(JsonNode node) {
        if (node.isObject()) {
            for (String keyword : new String[] {"$id", "id", "$anchor"}) {
                if (node.path(keyword).isTextual()) {
                    String name = node.get(keyword).textValue();
                    names.putIfAbsent(keyword.equals("$anchor") ? "#" + name : name, node);
                    absolute(name).ifPresent(whole -> names.putIfAbsent(whole, node));
                }
            }
        }
        node.forEach(this::collect);
    }

    private Optional<String> absolute(String name) {
        try {
            return Optional.of(URI.create(base).resolve(name).toString());
        } catch (IllegalArgumentException _) {
            // no URI: it can still be found by its text
            return Optional.empty();
        }
    }

    /// Whether what stands beside a `$ref` does not count, as in drafts up to 7.
    boolean referencesStandAlone() {
        return referencesStandAlone;
    }

    Schema root() {
        return at(root, "#");
    }

    Schema nothing() {
        return nothing;
    }

    Schema at(JsonNode json, String path) {
        if (json.isBoolean()) {
            return json.booleanValue() ? new Schema(json, path, -1) : nothing;
        }
        if (!json.isObject()) {
            throw GrammarException.of(path, "", "a schema: an object, true or false", SchemaReader.quote(json));
        }
        return schemas.computeIfAbsent(json, _ -> numbered(json, path));
    }

    /// The schema that accepts this value alone.
    Schema constant(JsonNode value, String path) {
        return constants.computeIfAbsent(value, _ -> {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("const", value);
            return numbered(json, path);
        });
    }

    /// The schema that accepts what this one does not.
    Schema not(Schema schema) {
        return negated.computeIfAbsent(schema, _ -> {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("not", schema.json());
            return numbered(json, schema.path());
        });
    }

    private Schema numbered(JsonNode json, String path) {
        if (count == MAX_SCHEMAS) {
            throw GrammarException.of("#", "", "at most " + MAX_SCHEMAS + " schemas", "more");
        }
        return new Schema(json, path, count++);
    }

    /// What a reference points to.
    Schema resolve(String reference, String path) {
        int hash = reference.indexOf('#');
        String document = hash < 0 ? reference : reference.substring(0, hash);
        String fragment = hash < 0 ? "" : reference.substring(hash + 1);
        if (names.containsKey(reference)) {
            return at(names.get(reference), reference);
        }
        JsonNode start = root;
        boolean inRoot = document.isEmpty() && (fragment.isEmpty() || fragment.startsWith("/"));
        if (!document.isEmpty() && !document.equals(withoutFragment(base))) {
            Optional<String> whole = absolute(document);
            start = names.get(document);
            if (start == null && whole.isPresent()) {
                start = whole.get().equals(withoutFragment(base)) ? root : names.get(whole.get());
            }
            if (start == null) {
                throw GrammarException.unsupported(path, "$ref", "one outside of the document: " + reference);
            }
        }
        if (!fragment.isEmpty() && !fragment.startsWith("/")) {
            start = names.get("#" + fragment);
            fragment = "";
        }
        JsonNode found = start == null ? null : pointed(start, fragment);
        if (found == null) {
            throw GrammarException.of(path, "$ref", "a schema of the document", reference);
        }
        return at(found, inRoot ? "#" + fragment : reference);
    }

    private static String withoutFragment(String uri) {
        return uri.endsWith("#") ? uri.substring(0, uri.length() - 1) : uri;
    }

    /// @return null where nothing is
    private static JsonNode pointed(JsonNode start, String fragment) {
        JsonNode node = start;
        String[] steps =
                fragment.isEmpty() ? new String[0] : fragment.substring(1).split("/", -1);
        for (String step : steps) {
            String name = step;
            if (step.indexOf('%') >= 0) {
                name = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8);
            }
            name = name.replace("~1", "/").replace("~0", "~");
            node = node.isArray() && name.matches("[0-9]{1,9}") ? node.get(Integer.parseInt(name)) : node.get(name);
            if (node == null) {
                return null;
            }
        }
        return node;
    }
}
