package dev.loci.tokenizer;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One Jinja source in the template engine, shut in: no other templates, no output without end, and no second reading
/// of
/// what a message put into the result. Thread-safe.
final class JinjaRenderer {
    private static final String REFUSAL = "the template says: ";
    private static final long MAX_OUTPUT_BYTES = 64L << 20;
    private static final int MAX_RANGE = 100_000;

    private final Jinjava jinjava;
    private final String source;

    JinjaRenderer(String source) {
        this.source = source;
        this.jinjava = new Jinjava(JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false)
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withMaxOutputSize(MAX_OUTPUT_BYTES)
                .withMaxStringLength(MAX_OUTPUT_BYTES)
                .withRangeLimit(MAX_RANGE)
                .withDisabled(Map.of(Library.TAG, Set.of("include", "import", "from", "extends", "block")))
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withUseNaturalOperatorPrecedence(true)
                        .build())
                .build());
        jinjava.getGlobalContext()
                .registerFunction(new ELFunctionDefinition(
                        "", "raise_exception", JinjaRenderer.class, "raiseException", String.class));
        jinjava.getGlobalContext().registerFilter(new StripFilter());
    }

    /// Called by templates.
    public static String raiseException(String message) {
        throw new IllegalArgumentException(REFUSAL + message);
    }

    /// @throws TokenizerException where the template cannot go through with these variables
    String render(Map<String, Object> variables) {
        RenderResult result = jinjava.renderForResult(source, variables);
        if (result.hasErrors()) {
            throw TokenizerException.of("messages", "chat template", "messages that it accepts", text(result));
        }
        return result.getOutput();
    }

    /// What is wrong with the source itself; a refusal of the messages is not.
    Optional<String> firstFault(Map<String, Object> variables) {
        RenderResult result = jinjava.renderForResult(source, variables);
        return result.hasErrors() && !text(result).startsWith(REFUSAL) ? Optional.of(text(result)) : Optional.empty();
    }

    private static String text(RenderResult result) {
        TemplateError error = result.getErrors().get(0);
        for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException refusal
                    && String.valueOf(refusal.getMessage()).startsWith(REFUSAL)) {
                return refusal.getMessage();
            }
        }
        return "line " + error.getLineno() + ": " + error.getMessage();
    }

    /// `trim` as Python does it: blanks of any script, and nothing else.
    private static final class StripFilter implements Filter {
        @Override
        public String getName() {
            return "trim";
        }

        @Override
        public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
            return value == null ? "" : value.toString().strip();
        }
    }
}
