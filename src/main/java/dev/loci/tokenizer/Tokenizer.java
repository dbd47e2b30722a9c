package dev.loci.tokenizer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Text to ids and back, as a model's `tokenizer.json` says. Thread-safe.
///
/// Holds two native tokenizers of the same file: one recognises special tokens, the other has none.
public final class Tokenizer implements AutoCloseable {
    private static final char METASPACE = '\u2581';

    private final TokenizerFile file;
    private final BitSet special = new BitSet();
    private final int longestChars;
    private final WholeTexts wholeTexts;
    private final NativeTokenizer recognising;
    private final NativeTokenizer plain;

    private Tokenizer(TokenizerFile file, NativeTokenizer recognising, NativeTokenizer plain) {
        this.file = file;
        this.recognising = recognising;
        this.plain = plain;
        file.added().stream().filter(AddedToken::special).forEach(token -> special.set(token.id()));
        this.longestChars = Arrays.stream(file.pieces())
                .filter(Objects::nonNull)
                .mapToInt(String::length)
                .max()
                .orElse(0);
        this.wholeTexts = new WholeTexts(this);
    }

    /// Reads a tokenizer.
    /// @throws TokenizerException where the file cannot be read as one
    public static Tokenizer open(Path path) {
        TokenizerFile file = TokenizerFile.read(path);
        NativeTokenizer.load();
        // half of the time that opening takes, on a core of its own where there is one
        CompletableFuture<NativeTokenizer> plain = CompletableFuture.supplyAsync(
                () -> new NativeTokenizer(file.plain()),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("loci-tokenizer-plain")
                        .start(task));
        List<NativeTokenizer> opened = new ArrayList<>();
        try {
            opened.add(new NativeTokenizer(file.recognising()));
            opened.add(plain.join());
            return new Tokenizer(file, opened.get(0), opened.get(1));
        } catch (RuntimeException e) {
            opened.forEach(NativeTokenizer::close);
            close(plain);
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            if (cause instanceof Error error) {
                throw error;
            }
            throw TokenizerException.of(
                    path.toString(), "content", "a Hugging Face tokenizer", cause.getMessage(), cause);
        }
    }

    private static void close(CompletableFuture<NativeTokenizer> opening) {
        NativeTokenizer opened;
        try {
            opened = opening.join();
        } catch (CompletionException e) {
            // then it is not open
            return;
        }
        opened.close();
    }

    /// Ids of a text in which special tokens are recognised.
    /// @param addSpecialTokens whether the tokenizer's own frame (such as a first token) is added
    public int[] encode(String text, boolean addSpecialTokens) {
        return recognising.encode(wellFormed(text), addSpecialTokens);
    }

    /// Ids of a text that never becomes a special token.
    public int[] encodePlain(String text) {
        return plain.encode(wellFormed(text), false);
    }

    /// Text of ids; special tokens have none unless `keepSpecial`. Unknown ids have none either.
    public String decode(int[] ids, boolean keepSpecial) {
        return recognising.decode(ids, keepSpecial);
    }

    /// The bytes that an id stands for; they may be part of a character. None for an id that no token has.
    public byte[] bytes(int id) {
        String piece = id < 0 || id >= size() ? null : file.pieces()[id];
        if (piece == null) {
            return new byte[0];
        }
        if (file.byteLevel()) {
            return ByteAlphabet.bytes(piece);
        }
        if (piece.length() == 6 && piece.startsWith("<0x") && piece.endsWith(">")) {
            try {
                return new byte[] {(byte) Integer.parseInt(piece, 3, 5, 16)};
            } catch (NumberFormatException e) {
                // no byte token after all: <0xno> is text like any other
                return piece.getBytes(StandardCharsets.UTF_8);
            }
        }
        return piece.replace(METASPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }

    public boolean isSpecial(int id) {
        return id >= 0 && special.get(id);
    }

    /// One more than the largest id.
    public int size() {
        return file.pieces().length;
    }

    /// UTF-16 units of the longest token. A text that is longer than so many tokens together has more of them, unless
    /// the tokenizer drops some of it; found out so, because encoding takes seconds and gigabytes for megabytes.
    public int longestChars() {
        return longestChars;
    }

    /// A decoder for one stream.
    public StreamingDecoder streamingDecoder() {
        return file.byteLevel() ? new ByteLevelDecoder(this) : new PrefixDecoder(this);
    }

    WholeTexts wholeTexts() {
        return wholeTexts;
    }

    /// Tokens that are found in a text before all others.
    List<AddedToken> added() {
        return file.added();
    }

    /// The first of these texts that is a special token.
    Optional<String> firstSpecial(List<String> contents) {
        return contents.stream()
                .filter(content -> file.added().stream()
                        .anyMatch(token -> token.special() && token.content().equals(content)))
                .findFirst();
    }

    @Override
    public void close() {
        recognising.close();
        plain.close();
    }

    /// Half of a surrogate pair has no UTF-8: it becomes U+FFFD.
    private static String wellFormed(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                mended = mended == null ? new StringBuilder(text) : mended;
                mended.setCharAt(i, '\uFFFD');
            }
        }
        return mended == null ? text : mended.toString();
    }
}
