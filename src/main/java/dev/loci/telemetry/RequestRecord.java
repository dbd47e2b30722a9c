package dev.loci.telemetry;

import dev.loci.engine.GenerationRequest;
import java.util.List;
import java.util.function.Supplier;

/// What becomes of one request. Its thread calls [#asks], [#submitting], [#failed] and, last, [#handled]; any thread
/// [#answered].
public sealed interface RequestRecord permits KeptRecord, RequestRecord.Nothing {
    /// The request is understood.
    /// @param answerId    of its answer, as the client sees it
    /// @param generations that it asks for, those of one prompt together
    /// @param candidates  of each prompt
    /// @param prompt      text of the first prompt; asked for only where spans hold prompts
    void asks(
            String answerId,
            List<GenerationRequest> generations,
            int candidates,
            boolean stream,
            Supplier<String> prompt);

    /// Runs what submits the generations, so that they are known to belong to this request.
    void submitting(Runnable submission);

    /// The answer is an error.
    /// @param code as the answer has it
    void failed(String code);

    /// Nothing more is submitted, and no error comes any more.
    void handled();

    /// The answer is written, or its client is gone. Only the first call counts.
    void answered();

    /// Keeps no account.
    static RequestRecord nothing() {
        return Nothing.INSTANCE;
    }

    /// Of a server that tells nothing.
    enum Nothing implements RequestRecord {
        INSTANCE;

        @Override
        public void asks(
                String answerId,
                List<GenerationRequest> generations,
                int candidates,
                boolean stream,
                Supplier<String> prompt) {}

        @Override
        public void submitting(Runnable submission) {
            submission.run();
        }

        @Override
        public void failed(String code) {}

        @Override
        public void handled() {}

        @Override
        public void answered() {}
    }
}
