package dev.loci.api.openai;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;

/// What every chunk of one answer repeats.
record AnswerHead(String id, long created, String model, String fingerprint) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 12;

    static AnswerHead next(String prefix, ServedModel model) {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return new AnswerHead(
                prefix + HexFormat.of().formatHex(id), Instant.now().getEpochSecond(), model.id(), model.fingerprint());
    }
}
