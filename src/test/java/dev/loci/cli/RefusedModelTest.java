package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.engine.Golden;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model that is not whole ends a start with one line on stderr and exit code 2. `chat` opens a model as `serve`
/// does.
final class RefusedModelTest {
    private static final String NAME = "ultramem-v1";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path temporary;

    private Path model;

    @BeforeEach
    void importModel() {
        model = Golden.imported(NAME, Golden.weights(NAME), temporary.resolve("model"), WeightType.INT8, RowType.INT4);
    }

    private void assertRefused(String message) {
        Captured captured = Captured.of("Hi\n", false);
        assertThat(Main.run(captured.streams(), "chat", "--model", model.toString()))
                .isEqualTo(2);
        assertThat(captured.err()).isEqualTo("loci chat: " + message + "\n");
        assertThat(captured.out()).isEmpty();
    }

    @Test
    void aTableWithoutItsLastByte() throws IOException {
        Path table = model.resolve("values-0001.safetensors");
        byte[] bytes = Files.readAllBytes(table);
        Files.write(table, Arrays.copyOf(bytes, bytes.length - 1));
        assertRefused(
                "values-0001.safetensors, size: expected " + bytes.length + " bytes, found " + (bytes.length - 1));
    }

    @Test
    void aFlippedByteOfAHeader() throws IOException {
        Path table = model.resolve("values-0000.safetensors");
        byte[] bytes = Files.readAllBytes(table);
        int header = headerBytes(bytes);
        String before = sha256(Arrays.copyOf(bytes, header));
        // the last one is a blank, which pads the header
        bytes[header - 1] ^= 0x20 ^ '\t';
        Files.write(table, bytes);
        assertRefused("values-0000.safetensors @ header, sha256: expected " + before + ", found "
                + sha256(Arrays.copyOf(bytes, header)));
    }

    @Test
    void aTensorThatIsMissing() throws IOException {
        Path dense = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(dense);
        int start = headerBytes(bytes);
        ObjectNode header = (ObjectNode) MAPPER.readTree(Arrays.copyOfRange(bytes, 8, start));
        String last = "";
        long begin = -1;
        for (var entry : header.properties()) {
            long offset = entry.getValue().path("data_offsets").path(0).asLong(-1);
            if (offset > begin) {
                begin = offset;
                last = entry.getKey();
            }
        }
        JsonNode removed = header.remove(last);
        byte[] json = Arrays.copyOf(MAPPER.writeValueAsBytes(header), start - 8);
        Arrays.fill(json, MAPPER.writeValueAsBytes(header).length, json.length, (byte) ' ');
        byte[] cut = Arrays.copyOf(bytes, Math.toIntExact(start + begin));
        System.arraycopy(json, 0, cut, 8, json.length);
        Files.write(dense, cut);
        promise("model.safetensors", true);
        String shape = removed.get("shape").toString().replace(",", ", ");
        assertRefused("model.safetensors @ header, " + last + ": expected shape " + shape + ", found no such tensor");
    }

    @Test
    void aTokenizerOfAnotherSize() throws IOException {
        Path tokenizer = model.resolve("tokenizer.json");
        Files.copy(Path.of("src/test/resources/tokenizer/loci-mini.json"), temporary.resolve("other.json"));
        Files.write(tokenizer, Files.readAllBytes(temporary.resolve("other.json")));
        promise("tokenizer.json", false);
        assertRefused("tokenizer.json, ids: expected 1 to 500 (vocab_size), found 16384");
    }

    @Test
    void aDirectoryWithoutManifest() throws IOException {
        Files.delete(model.resolve("manifest.json"));
        assertRefused(model + ", manifest.json: expected the manifest of a model, found no such file");
    }

    /// Where the data begins.
    private static int headerBytes(byte[] bytes) {
        return Math.toIntExact(
                8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0));
    }

    /// Makes the manifest promise what a file holds now.
    private void promise(String name, boolean hasHeader) throws IOException {
        Path manifest = model.resolve("manifest.json");
        byte[] bytes = Files.readAllBytes(model.resolve(name));
        ObjectNode root = (ObjectNode) MAPPER.readTree(manifest.toFile());
        for (JsonNode file : root.get("files")) {
            if (file.get("name").textValue().equals(name)) {
                ObjectNode entry = (ObjectNode) file;
                entry.put("bytes", bytes.length).put("sha256", sha256(bytes));
                if (hasHeader) {
                    entry.put("header_sha256", sha256(Arrays.copyOf(bytes, headerBytes(bytes))));
                }
            }
        }
        Files.write(manifest, MAPPER.writeValueAsString(root).getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
