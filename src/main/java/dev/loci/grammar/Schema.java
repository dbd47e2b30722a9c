package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;

/// One schema of a document. The same object for the same place, so that identity is equality.
final class Schema implements Comparable<Schema> {
    private final JsonNode json;
    private final String path;
    private final int number;

    /// @param number of the schema among those made for its document
    Schema(JsonNode json, String path, int number) {
        this.json = json;
        this.path = path;
        this.number = number;
    }

    JsonNode json() {
        return json;
    }

    String path() {
        return path;
    }

    boolean never() {
        return json.isBoolean() && !json.booleanValue();
    }

    boolean anything() {
        return json.isBoolean() ? json.booleanValue() : json.isObject() && json.isEmpty();
    }

    @Override
    public int compareTo(Schema other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return path;
    }
}
