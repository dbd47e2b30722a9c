package dev.loci.telemetry;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/// Contents of requests as `gen_ai.input.messages` has them.
final class Messages {
    private Messages() {}

    /// The prompt as the model reads it, one message of one part.
    static String ofUser(String prompt) {
        return "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\""
                + new String(JsonStringEncoder.getInstance().quoteAsString(prompt))
                + "\"}]}]";
    }
}
