package dev.loci.grammar;

import java.util.List;
import java.util.stream.Stream;

/// Schemas that all hold for a value; none means any value.
record Conjunction(List<Schema> schemas) {
    static final Conjunction ANYTHING = new Conjunction(List.of());

    Conjunction {
        schemas = List.copyOf(schemas);
    }

    static Conjunction of(Schema schema) {
        return schema.anything() ? ANYTHING : new Conjunction(List.of(schema));
    }

    Conjunction and(Conjunction other) {
        if (schemas.isEmpty() || other.schemas.isEmpty()) {
            return schemas.isEmpty() ? other : this;
        }
        return new Conjunction(Stream.concat(schemas.stream(), other.schemas.stream())
                .distinct()
                .sorted()
                .toList());
    }

    /// Known to hold for nothing without a look inside.
    boolean never() {
        return schemas.stream().anyMatch(Schema::never);
    }
}
