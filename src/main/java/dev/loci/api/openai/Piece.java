package dev.loci.api.openai;

import dev.loci.engine.TokenScore;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A part of one choice's answer.
/// @param scores       of the tokens in it, where they were asked for
/// @param finishReason in the last piece
/// @param memory       what the memory layers hit, where it was asked for
record Piece(String text, List<TokenScore> scores, Optional<String> finishReason, Optional<Wire.MemoryTrace> memory) {
    Piece {
        scores = List.copyOf(scores);
    }

    /// Without what the memory layers hit.
    Piece(String text, List<TokenScore> scores, Optional<String> finishReason) {
        this(text, scores, finishReason, Optional.empty());
    }

    boolean isEmpty() {
        return textAlone() && text.isEmpty();
    }

    boolean textAlone() {
        return scores.isEmpty() && finishReason.isEmpty() && memory.isEmpty();
    }

    /// @param pieces all of one choice
    static Piece joined(List<Piece> pieces) {
        return new Piece(
                pieces.stream().map(Piece::text).collect(Collectors.joining()),
                pieces.stream().flatMap(piece -> piece.scores().stream()).toList(),
                pieces.isEmpty() ? Optional.empty() : pieces.getLast().finishReason(),
                joinedMemory(pieces));
    }

    private static Optional<Wire.MemoryTrace> joinedMemory(List<Piece> pieces) {
        List<Wire.MemoryTrace> traces =
                pieces.stream().flatMap(piece -> piece.memory().stream()).toList();
        if (traces.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Wire.MemoryTrace(
                traces.stream().flatMap(trace -> trace.tokens().stream()).toList(),
                traces.getLast().layers()));
    }
}
