package dev.loci.tensor;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Writes a safetensors file in one pass. The header is known at the start and padded with spaces, so that data begins
/// on a
/// multiple of [#DATA_ALIGNMENT]; the bytes of each tensor then come in the declared order, in pieces of any size.
public final class SafetensorsWriter implements AutoCloseable {
    public static final int DATA_ALIGNMENT = 4096;
    private static final int PIECE_BYTES = 1 << 20;

    /// A tensor to come.
    public record Declared(String name, DType dtype, List<Long> shape) {
        public Declared {
            shape = List.copyOf(shape);
        }

        public long bytes() {
            return Shape.bytes(dtype, shape);
        }
    }

    /// What became of a file.
    /// @param sha256       of the whole file, in hex
    /// @param headerSha256 of the bytes before the data, in hex
    public record Written(long bytes, String sha256, String headerSha256) {}

    private final String where;
    private final FileChannel channel;
    private final List<Declared> tensors;
    private final Sha256 digest = Sha256.start();
    private final String headerSha256;
    private long fileBytes;
    private int current;
    private long currentBytes;

    private SafetensorsWriter(String where, FileChannel channel, List<Declared> tensors, byte[] header)
            throws IOException {
        this.where = where;
        this.channel = channel;
        this.tensors = tensors;
        this.headerSha256 = Sha256.start().update(ByteBuffer.wrap(header)).hex();
        append(ByteBuffer.wrap(header));
        skipComplete();
    }

    /// Creates the file, which must not exist yet.
    /// @param tensors in an order in which every tensor begins on a multiple of its element's size
    public static SafetensorsWriter open(Path file, List<Declared> tensors, Map<String, String> metadata) {
        String where = file.getFileName().toString();
        byte[] header = header(where, tensors, metadata);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            boolean opened = false;
            try {
                SafetensorsWriter writer = new SafetensorsWriter(where, channel, List.copyOf(tensors), header);
                opened = true;
                return writer;
            } finally {
                if (!opened) {
                    channel.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static byte[] header(String where, List<Declared> tensors, Map<String, String> metadata) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = JsonMapper.builder()
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .build()
                .createGenerator(json)) {
            out.writeStartObject();
            if (!metadata.isEmpty()) {
                out.writeObjectFieldStart(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    out.writeStringField(entry.getKey(), entry.getValue());
                }
                out.writeEndObject();
            }
            writeTensors(where, tensors, out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(where + ": header cannot be written", e);
        }
        int used = SafetensorsHeader.LENGTH_BYTES + json.size();
        int padded = Math.multiplyExact(Math.ceilDiv(used, DATA_ALIGNMENT), DATA_ALIGNMENT);
        byte[] header = new byte[padded];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded - SafetensorsHeader.LENGTH_BYTES)
                .put(json.toByteArray());
        return header;
    }

    private static void writeTensors(String where, List<Declared> tensors, JsonGenerator out) throws IOException {
        Set<String> names = new HashSet<>();
        long begin = 0;
        for (Declared tensor : tensors) {
            if (!names.add(tensor.name()) || tensor.name().equals(SafetensorsHeader.METADATA)) {
                throw TensorException.of(where, tensor.name(), "a name of its own", "one that is taken");
            }
            if (begin % tensor.dtype().bytes() != 0) {
                throw TensorException.of(
                        where,
                        tensor.name() + " offset",
                        "a multiple of " + tensor.dtype().bytes(),
                        Long.toString(begin));
            }
            out.writeObjectFieldStart(tensor.name());
            out.writeStringField("dtype", tensor.dtype().name());
            writeArray(out, "shape", tensor.shape());
            writeArray(out, "data_offsets", List.of(begin, begin + tensor.bytes()));
            out.writeEndObject();
            begin += tensor.bytes();
        }
    }

    private static void writeArray(JsonGenerator out, String name, List<Long> numbers) throws IOException {
        out.writeArrayFieldStart(name);
        for (long number : numbers) {
            out.writeNumber(number);
        }
        out.writeEndArray();
    }

    /// Appends bytes of the tensor that is due.
    /// @param name must be that tensor's
    public void write(String name, MemorySegment bytes) {
        if (bytes.byteSize() == 0) {
            return;
        }
        String due =
                current == tensors.size() ? "the end" : tensors.get(current).name();
        if (!due.equals(name)) {
            throw TensorException.of(where, "next bytes", "those of " + due, "some of " + name);
        }
        long left = tensors.get(current).bytes() - currentBytes;
        if (bytes.byteSize() > left) {
            throw TensorException.of(where, name, "at most " + left + " bytes more", bytes.byteSize() + " bytes");
        }
        try {
            for (long at = 0; at < bytes.byteSize(); at += PIECE_BYTES) {
                append(bytes.asSlice(at, Math.min(PIECE_BYTES, bytes.byteSize() - at))
                        .asByteBuffer());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(where + ": cannot be written: " + e.getMessage(), e);
        }
        currentBytes += bytes.byteSize();
        skipComplete();
    }

    private void skipComplete() {
        while (current < tensors.size() && currentBytes == tensors.get(current).bytes()) {
            current++;
            currentBytes = 0;
        }
    }

    private void append(ByteBuffer bytes) throws IOException {
        fileBytes += bytes.remaining();
        digest.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Brings the file to the disk.
    /// @throws TensorException if bytes of a tensor are still due
    public Written finish() {
        if (current < tensors.size()) {
            Declared due = tensors.get(current);
            throw TensorException.of(where, due.name(), due.bytes() + " bytes", currentBytes + " bytes");
        }
        try {
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(where + ": cannot be written: " + e.getMessage(), e);
        }
        return new Written(fileBytes, digest.hex(), headerSha256);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(where + ": cannot be closed", e);
        }
    }
}
