package dev.loci.api.openai;

import dev.loci.engine.TokenScore;
import dev.loci.tokenizer.StreamingDecoder;
import dev.loci.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Answers of `/v1/completions`.
final class CompletionFormat extends ChunkFormat {
    private static final String OBJECT = "text_completion";

    private final Tokenizer tokenizer;
    private final boolean logprobs;
    private final List<Offsets> offsets = new ArrayList<>();

    CompletionFormat(Order order, ServedModel model) {
        super(AnswerHead.next("cmpl-", model), order.includeUsage());
        this.tokenizer = model.tokenizer();
        this.logprobs = order.logprobs();
        for (int i = 0; i < order.prompts(); i++) {
            int promptTokens = order.echo(i).isPresent() ? order.prompt(i).length : 0;
            for (int choice = 0; choice < order.copies().choices(); choice++) {
                offsets.add(new Offsets(tokenizer, promptTokens));
            }
        }
    }

    /// Where tokens begin in a choice's text, in characters (code points, as OpenAI counts). A token that goes on with
    /// a
    /// character of the token before begins where that character does.
    private static final class Offsets {
        private final Tokenizer tokenizer;
        private final StreamingDecoder decoder;
        private int promptTokens;
        private int position;

        Offsets(Tokenizer tokenizer, int promptTokens) {
            this.tokenizer = tokenizer;
            this.decoder = tokenizer.streamingDecoder();
            this.promptTokens = promptTokens;
        }

        int next(int id) {
            int start = position;
            boolean inPrompt = promptTokens > 0;
            promptTokens -= inPrompt ? 1 : 0;
            String text = inPrompt && tokenizer.isSpecial(id) ? TokenText.of(tokenizer, id) : decoder.push(id);
            position += text.codePointCount(0, text.length());
            return start;
        }
    }

    @Override
    List<Object> openingChunks(int index) {
        return List.of();
    }

    @Override
    Object chunk(int index, Piece piece) {
        return chunkOf(OBJECT, choice(index, piece));
    }

    @Override
    Object whole(List<Piece> pieces, Wire.Usage usage) {
        List<Wire.CompletionChoice> choices = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            choices.add(choice(i, pieces.get(i)));
        }
        return wholeOf(OBJECT, choices, usage);
    }

    @Override
    Object usageChunk(Wire.Usage usage) {
        return lastChunkOf(OBJECT, usage);
    }

    private Wire.CompletionChoice choice(int index, Piece piece) {
        Optional<Wire.CompletionLogprobs> scores =
                logprobs ? Optional.of(logprobs(offsets.get(index), piece.scores())) : Optional.empty();
        return new Wire.CompletionChoice(index, piece.text(), scores, piece.finishReason(), piece.memory());
    }

    private Wire.CompletionLogprobs logprobs(Offsets starts, List<TokenScore> scores) {
        List<String> tokens = new ArrayList<>();
        List<OptionalDouble> logprobs = new ArrayList<>();
        List<Optional<Map<String, Double>>> tops = new ArrayList<>();
        List<Integer> textOffsets = new ArrayList<>();
        for (TokenScore score : scores) {
            tokens.add(TokenText.of(tokenizer, score.id()));
            logprobs.add(score.logprob().stream().map(TokenText::finite).findFirst());
            tops.add(score.logprob().isPresent() ? Optional.of(top(score)) : Optional.empty());
            textOffsets.add(starts.next(score.id()));
        }
        return new Wire.CompletionLogprobs(tokens, logprobs, tops, textOffsets);
    }

    /// The best tokens and, wherever it stands, the token itself. Two ids may have one text: the better one counts.
    private Map<String, Double> top(TokenScore score) {
        Map<String, Double> top = new LinkedHashMap<>();
        score.top()
                .forEach(each -> top.putIfAbsent(TokenText.of(tokenizer, each.id()), TokenText.finite(each.logprob())));
        score.logprob()
                .ifPresent(logprob -> top.putIfAbsent(TokenText.of(tokenizer, score.id()), TokenText.finite(logprob)));
        return top;
    }
}
