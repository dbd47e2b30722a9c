package dev.loci.telemetry;

import dev.loci.engine.GenerationEvent;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.util.EnumMap;
import java.util.Map;

/// Attributes of the metrics of all requests of one kind, made once. They are few: operations and reasons are known,
/// and a server has one model.
/// @param success of a request without an error
/// @param error   of a generation that failed
record RequestLabels(
        Attributes success,
        Attributes input,
        Attributes output,
        Map<GenerationEvent.Reason, Attributes> finished,
        Attributes error) {
    static RequestLabels of(Operation operation, String model) {
        Attributes success = Attributes.of(
                Names.OPERATION_NAME,
                operation.value(),
                Names.PROVIDER_NAME,
                Names.PROVIDER,
                Names.REQUEST_MODEL,
                model,
                Names.RESPONSE_MODEL,
                model);
        Map<GenerationEvent.Reason, Attributes> finished = new EnumMap<>(GenerationEvent.Reason.class);
        for (GenerationEvent.Reason reason : GenerationEvent.Reason.values()) {
            finished.put(reason, with(success, Names.REASON, Names.value(reason)));
        }
        return new RequestLabels(
                success,
                with(success, Names.TOKEN_TYPE, Names.INPUT),
                with(success, Names.TOKEN_TYPE, Names.OUTPUT),
                finished,
                with(success, Names.REASON, "error"));
    }

    Attributes failure(String type) {
        return with(success, Names.ERROR_TYPE, type);
    }

    private static Attributes with(Attributes attributes, AttributeKey<String> key, String value) {
        return attributes.toBuilder().put(key, value).build();
    }
}
