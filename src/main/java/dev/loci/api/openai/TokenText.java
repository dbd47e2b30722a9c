package dev.loci.api.openai;

import dev.loci.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// How tokens are written in log-probabilities.
final class TokenText {
    /// JSON has no infinity; OpenAI writes this for a token that cannot come.
    private static final double LEAST_LOGPROB = -9999;

    private TokenText() {}

    /// The token's text, or `bytes:\xNN...` where its bytes are no whole characters.
    static String of(Tokenizer tokenizer, int id) {
        byte[] bytes = tokenizer.bytes(id);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            // part of a character: the bytes themselves are the answer
            return "bytes:" + HexFormat.of().withPrefix("\\x").formatHex(bytes);
        }
    }

    static List<Integer> bytes(Tokenizer tokenizer, int id) {
        List<Integer> bytes = new ArrayList<>();
        for (byte b : tokenizer.bytes(id)) {
            bytes.add(Byte.toUnsignedInt(b));
        }
        return bytes;
    }

    static double finite(double logprob) {
        return Double.isNaN(logprob) ? LEAST_LOGPROB : Math.max(LEAST_LOGPROB, logprob);
    }
}
