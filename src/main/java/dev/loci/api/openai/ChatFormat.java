package dev.loci.api.openai;

import dev.loci.engine.TokenScore;
import dev.loci.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Answers of `/v1/chat/completions`.
final class ChatFormat extends ChunkFormat {
    private static final String CHUNK = "chat.completion.chunk";
    private static final String ROLE = "assistant";

    private final Tokenizer tokenizer;
    private final boolean logprobs;

    ChatFormat(Order order, ServedModel model) {
        super(AnswerHead.next("chatcmpl-", model), order.includeUsage());
        this.tokenizer = model.tokenizer();
        this.logprobs = order.logprobs();
    }

    @Override
    List<Object> openingChunks(int index) {
        Wire.ChatDelta delta = new Wire.ChatDelta(Optional.of(ROLE), Optional.of(""));
        return List.of(chunkOf(
                CHUNK, new Wire.ChatChunkChoice(index, delta, Optional.empty(), Optional.empty(), Optional.empty())));
    }

    @Override
    Object chunk(int index, Piece piece) {
        Optional<String> content = piece.text().isEmpty() ? Optional.empty() : Optional.of(piece.text());
        Optional<Wire.ChatLogprobs> scores =
                piece.scores().isEmpty() ? Optional.empty() : Optional.of(logprobs(piece.scores()));
        return chunkOf(
                CHUNK,
                new Wire.ChatChunkChoice(
                        index,
                        new Wire.ChatDelta(Optional.empty(), content),
                        scores,
                        piece.finishReason(),
                        piece.memory()));
    }

    @Override
    Object whole(List<Piece> pieces, Wire.Usage usage) {
        List<Wire.ChatChoice> choices = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            choices.add(new Wire.ChatChoice(
                    i,
                    new Wire.ChatText(ROLE, piece.text()),
                    logprobs ? Optional.of(logprobs(piece.scores())) : Optional.empty(),
                    piece.finishReason(),
                    piece.memory()));
        }
        return wholeOf("chat.completion", choices, usage);
    }

    @Override
    Object usageChunk(Wire.Usage usage) {
        return lastChunkOf(CHUNK, usage);
    }

    private Wire.ChatLogprobs logprobs(List<TokenScore> scores) {
        return new Wire.ChatLogprobs(scores.stream()
                .map(score -> new Wire.ChatTokenLogprob(
                        TokenText.of(tokenizer, score.id()),
                        TokenText.finite(score.logprob().orElse(0)),
                        TokenText.bytes(tokenizer, score.id()),
                        score.top().stream().map(this::candidate).toList()))
                .toList());
    }

    private Wire.ChatCandidate candidate(TokenScore.Candidate candidate) {
        return new Wire.ChatCandidate(
                TokenText.of(tokenizer, candidate.id()),
                TokenText.finite(candidate.logprob()),
                TokenText.bytes(tokenizer, candidate.id()));
    }
}
