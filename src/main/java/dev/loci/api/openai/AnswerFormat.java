package dev.loci.api.openai;

import java.util.List;

/// How one endpoint writes pieces: as one answer, or as the events of a stream. One answer's alone; used by one thread.
abstract sealed class AnswerFormat permits ChunkFormat, ResponsesFormat {
    /// Of the answer, as its client knows it.
    abstract String id();

    /// @param pieces one for each choice, with all of its answer
    abstract Object whole(List<Piece> pieces, Wire.Usage usage);

    /// Events before the first piece of a choice.
    abstract byte[] opening(int index);

    /// Events of a piece that is not empty.
    abstract byte[] event(int index, Piece piece);

    /// Events after the last piece of the last choice.
    abstract byte[] closing(Wire.Usage usage);

    /// Events after which a stream that broke off ends.
    abstract byte[] failure(ApiException e);
}
