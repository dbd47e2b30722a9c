package dev.loci.api.openai;

import dev.loci.engine.TokenScore;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A part of one choice's answer.
/// @param scores       of the tokens in it, where they were asked for
/// @param finishReason in the last piece
record Piece(String text, List<TokenScore> scores, Optional<String> finishReason) {
    Piece {
        scores = List.copyOf(scores);
    }

    boolean isEmpty() {
        return text.isEmpty() && scores.isEmpty() && finishReason.isEmpty();
    }

    /// @param pieces all of one choice
    static Piece joined(List<Piece> pieces) {
        return new Piece(
                pieces.stream().map(Piece::text).collect(Collectors.joining()),
                pieces.stream().flatMap(piece -> piece.scores().stream()).toList(),
                pieces.isEmpty() ? Optional.empty() : pieces.getLast().finishReason());
    }
}
