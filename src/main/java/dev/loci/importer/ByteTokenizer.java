package dev.loci.importer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/// A tokenizer.json with a token for each byte: special tokens where the configuration has them, the bytes at the
/// lowest ids that
/// are left, and a token with a name, which no text gives, for every other id.
final class ByteTokenizer {
    private static final int BYTES = 256;

    private ByteTokenizer() {}

    /// @throws ImportException if the vocabulary is too small for the bytes and the special tokens
    static String write(String where, int vocabSize, int eosToken, OptionalInt padToken) {
        if (vocabSize < BYTES + 2) {
            throw ImportException.of(
                    where,
                    "vocab_size",
                    "at least " + (BYTES + 2) + " for a byte-level tokenizer, or a tokenizer of your own",
                    Integer.toString(vocabSize));
        }
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        root.putNull("normalizer");
        byteLevel(root.putObject("pre_tokenizer"), false);
        root.putNull("post_processor");
        byteLevel(root.putObject("decoder"), true);
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout").putNull("unk_token");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocab = model.putObject("vocab");
        model.putArray("merges");
        int bytes = 0;
        for (int id = 0; id < vocabSize; id++) {
            if (id == eosToken) {
                special(added, vocab, id, "<|endoftext|>");
            } else if (padToken.isPresent() && id == padToken.getAsInt()) {
                special(added, vocab, id, "<|pad|>");
            } else if (bytes < BYTES) {
                vocab.put(letter(bytes++), id);
            } else {
                vocab.put("<|t" + id + "|>", id);
            }
        }
        return root.toPrettyString() + "\n";
    }

    private static void byteLevel(ObjectNode node, boolean prefixSpace) {
        node.put("type", "ByteLevel");
        node.put("add_prefix_space", prefixSpace).put("trim_offsets", true).put("use_regex", prefixSpace);
    }

    private static void special(ArrayNode added, ObjectNode vocab, int id, String content) {
        ObjectNode token = added.addObject().put("id", id).put("content", content);
        token.put("single_word", false).put("lstrip", false).put("rstrip", false);
        token.put("normalized", false).put("special", true);
        vocab.put(content, id);
    }

    /// The letter that stands for a byte in byte-level vocabularies: itself where it can be printed, else one from
    /// U+0100 on.
    static String letter(int value) {
        int hidden = 0;
        for (int each = 0; each < value; each++) {
            hidden += printable(each) ? 0 : 1;
        }
        return Character.toString(printable(value) ? value : BYTES + hidden);
    }

    private static boolean printable(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xa1 && value <= 0xff && value != 0xad);
    }
}
