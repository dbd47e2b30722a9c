package dev.loci.perf;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Writes a GGUF file of the llama architecture: random Q8_0 matrices and a vocabulary of bytes and numbered words.
final class GgufModel {
    private static final int U32 = 4;
    private static final int I32 = 5;
    private static final int F32 = 6;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int TYPE_F32 = 0;
    private static final int TYPE_Q8_0 = 8;
    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;
    private static final int ALIGNMENT = 32;
    private static final int BYTES = 256;

    /// @param columns the first dimension
    /// @param rows    0 for a vector of ones
    private record Tensor(String name, int columns, int rows) {
        long bytes() {
            return rows == 0 ? 4L * columns : (long) rows * columns / BLOCK * BLOCK_BYTES;
        }
    }

    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private final List<Tensor> tensors = new ArrayList<>();
    private final PeerShape shape;
    private int keys;

    private GgufModel(PeerShape shape) {
        this.shape = shape;
    }

    static void write(PeerShape shape, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 20)) {
            new GgufModel(shape).write(out);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private void write(OutputStream out) throws IOException {
        metadata();
        vocabulary();
        listTensors();
        ByteArrayOutputStream start = new ByteArrayOutputStream();
        start.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        start.writeBytes(little(4).putInt(3).array());
        start.writeBytes(little(16).putLong(tensors.size()).putLong(keys).array());
        start.writeBytes(header.toByteArray());
        long offset = 0;
        for (Tensor tensor : tensors) {
            start.writeBytes(string(tensor.name()));
            start.writeBytes(little(4).putInt(tensor.rows() == 0 ? 1 : 2).array());
            start.writeBytes(little(8).putLong(tensor.columns()).array());
            if (tensor.rows() != 0) {
                start.writeBytes(little(8).putLong(tensor.rows()).array());
            }
            start.writeBytes(little(12)
                    .putInt(tensor.rows() == 0 ? TYPE_F32 : TYPE_Q8_0)
                    .putLong(offset)
                    .array());
            offset += aligned(tensor.bytes());
        }
        out.write(start.toByteArray());
        out.write(new byte[(int) (aligned(start.size()) - start.size())]);
        SplittableRandom random = new SplittableRandom(0);
        for (Tensor tensor : tensors) {
            data(out, tensor, random);
            out.write(new byte[(int) (aligned(tensor.bytes()) - tensor.bytes())]);
        }
    }

    private void metadata() {
        text("general.architecture", "llama");
        text("general.name", "random " + shape.name());
        number("general.file_type", 7);
        number("llama.context_length", PeerShape.CONTEXT * 16);
        number("llama.embedding_length", shape.width());
        number("llama.block_count", shape.layers());
        number("llama.feed_forward_length", shape.inner());
        number("llama.attention.head_count", shape.heads());
        number("llama.attention.head_count_kv", shape.kvHeads());
        number("llama.rope.dimension_count", shape.headDim());
        number("llama.vocab_size", shape.vocabulary());
        decimal("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        decimal("llama.rope.freq_base", 10000);
    }

    private void vocabulary() {
        text("tokenizer.ggml.model", "llama");
        number("tokenizer.ggml.unknown_token_id", 0);
        number("tokenizer.ggml.bos_token_id", 1);
        number("tokenizer.ggml.eos_token_id", 2);
        int count = shape.vocabulary();
        array("tokenizer.ggml.tokens", STRING, count);
        for (int id = 0; id < count; id++) {
            header.writeBytes(string(token(id)));
        }
        ByteBuffer scores = little(4 * count);
        ByteBuffer types = little(4 * count);
        for (int id = 0; id < count; id++) {
            scores.putFloat(-id);
            types.putInt(id == 0 ? 2 : id < 3 ? 3 : id < 3 + BYTES ? 6 : 1);
        }
        array("tokenizer.ggml.scores", F32, count);
        header.writeBytes(scores.array());
        array("tokenizer.ggml.token_type", I32, count);
        header.writeBytes(types.array());
    }

    private static String token(int id) {
        return switch (id) {
            case 0 -> "<unk>";
            case 1 -> "<s>";
            case 2 -> "</s>";
            default -> id < 3 + BYTES ? String.format("<0x%02X>", id - 3) : "\u2581w" + id;
        };
    }

    private void listTensors() {
        int keyValues = shape.kvHeads() * shape.headDim();
        tensors.add(new Tensor("token_embd.weight", shape.width(), shape.vocabulary()));
        tensors.add(new Tensor("output_norm.weight", shape.width(), 0));
        if (!shape.tied()) {
            tensors.add(new Tensor("output.weight", shape.width(), shape.vocabulary()));
        }
        for (int block = 0; block < shape.layers(); block++) {
            String prefix = "blk." + block + ".";
            tensors.add(new Tensor(prefix + "attn_norm.weight", shape.width(), 0));
            tensors.add(new Tensor(prefix + "attn_q.weight", shape.width(), shape.width()));
            tensors.add(new Tensor(prefix + "attn_k.weight", shape.width(), keyValues));
            tensors.add(new Tensor(prefix + "attn_v.weight", shape.width(), keyValues));
            tensors.add(new Tensor(prefix + "attn_output.weight", shape.width(), shape.width()));
            tensors.add(new Tensor(prefix + "ffn_norm.weight", shape.width(), 0));
            tensors.add(new Tensor(prefix + "ffn_gate.weight", shape.width(), shape.inner()));
            tensors.add(new Tensor(prefix + "ffn_up.weight", shape.width(), shape.inner()));
            tensors.add(new Tensor(prefix + "ffn_down.weight", shape.inner(), shape.width()));
        }
    }

    /// Elements of about 0.02 in size: a scale of each 32, then as many bytes.
    private static void data(OutputStream out, Tensor tensor, SplittableRandom random) throws IOException {
        if (tensor.rows() == 0) {
            ByteBuffer ones = little(4 * tensor.columns());
            for (int i = 0; i < tensor.columns(); i++) {
                ones.putFloat(1);
            }
            out.write(ones.array());
            return;
        }
        ByteBuffer row = little(tensor.columns() / BLOCK * BLOCK_BYTES);
        for (int r = 0; r < tensor.rows(); r++) {
            row.clear();
            for (int block = 0; block < tensor.columns() / BLOCK; block++) {
                row.putShort(Float.floatToFloat16(0.02f / 73));
                for (int i = 0; i < BLOCK / 8; i++) {
                    row.putLong(random.nextLong() | 0x0101010101010101L);
                }
            }
            out.write(row.array());
        }
    }

    private void text(String key, String value) {
        key(key, STRING);
        header.writeBytes(string(value));
    }

    private void number(String key, int value) {
        key(key, U32);
        header.writeBytes(little(4).putInt(value).array());
    }

    private void decimal(String key, float value) {
        key(key, F32);
        header.writeBytes(little(4).putFloat(value).array());
    }

    private void array(String key, int type, long count) {
        key(key, ARRAY);
        header.writeBytes(little(12).putInt(type).putLong(count).array());
    }

    private void key(String key, int type) {
        keys++;
        header.writeBytes(string(key));
        header.writeBytes(little(4).putInt(type).array());
    }

    private static byte[] string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return little(8 + bytes.length).putLong(bytes.length).put(bytes).array();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
