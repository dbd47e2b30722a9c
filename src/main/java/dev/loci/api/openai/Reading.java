package dev.loci.api.openai;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BiFunction;

/// How every endpoint comes from a body to what it asks for: with the model that is served now, and within the memory
/// that all bodies share. Thread-safe.
@Singleton
final class Reading {
    private final ModelSource models;
    private final BodyBudget bodies;

    @Inject
    Reading(ModelSource models, BodyBudget bodies) {
        this.models = models;
        this.bodies = bodies;
    }

    ServedModel served() {
        return models.current().orElseThrow(ApiException::noModel);
    }

    /// @param parser validates; what it gives must not hold on to the fields, whose memory is counted no longer
    <T> T read(InputStream body, ServedModel model, BiFunction<RequestFields, ServedModel, T> parser)
            throws IOException {
        try (BodyBudget.Share share = bodies.open(model.limits().bodyBytes())) {
            return parser.apply(new RequestFields(RequestBody.read(body, share), ""), model);
        }
    }
}
