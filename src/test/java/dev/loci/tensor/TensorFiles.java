package dev.loci.tensor;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Bytes of safetensors files for tests.
final class TensorFiles {
    private TensorFiles() {}

    /// A file with this header and that many zero bytes of data.
    static MemorySegment of(String json, int dataBytes) {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        return MemorySegment.ofArray(file.array());
    }
}
