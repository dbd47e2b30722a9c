package dev.loci.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The header of a safetensors file.
///
/// byte      size    field
///    0         8    header length n, u64 little-endian
///    8         n    JSON object, from `{`, padded with spaces: name -> dtype, shape, data_offsets [begin, end) from 8
/// + n
///  8+n         -    data, without holes or overlaps, to the end of the file
///
/// @param dataOffset byte at which the data begins
/// @param entries    by offset
/// @param metadata   texts under `__metadata__`
public record SafetensorsHeader(long dataOffset, List<Entry> entries, Map<String, String> metadata) {
    public static final int LENGTH_BYTES = 8;
    public static final long MAX_JSON_BYTES = 100L << 20;
    static final String METADATA = "__metadata__";
    static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// One tensor of the file.
    /// @param begin byte of the data, from [SafetensorsHeader#dataOffset], at which the tensor begins
    public record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {
        public Entry {
            shape = List.copyOf(shape);
        }
    }

    public SafetensorsHeader {
        entries = List.copyOf(entries);
        metadata = Map.copyOf(metadata);
    }

    /// Parses and checks the header against the whole file.
    /// @param where the file's name, for messages
    public static SafetensorsHeader parse(String where, MemorySegment file) {
        long fileBytes = file.byteSize();
        if (fileBytes < LENGTH_BYTES) {
            throw TensorException.of(
                    where + " @ 0", "header length", LENGTH_BYTES + " bytes", "a file of " + fileBytes + " bytes");
        }
        long jsonBytes = file.get(LENGTH, 0);
        long most = Math.min(MAX_JSON_BYTES, fileBytes - LENGTH_BYTES);
        if (jsonBytes < 2 || jsonBytes > most) {
            throw TensorException.of(
                    where + " @ 0", "header length", "2 to " + most + " bytes", Long.toUnsignedString(jsonBytes));
        }
        byte[] json = file.asSlice(LENGTH_BYTES, jsonBytes).toArray(ValueLayout.JAVA_BYTE);
        if (json[0] != '{') {
            throw TensorException.of(where + " @ 8", "header", "0x7b", "0x" + Integer.toHexString(json[0] & 0xff));
        }
        String header = where + " @ header";
        JsonFields fields = JsonFields.parse(header, json, TensorException::of);
        Map<String, String> metadata = fields.hasKey(METADATA) ? metadata(fields.object(METADATA)) : Map.of();
        List<Entry> entries = new ArrayList<>();
        for (String name : fields.names()) {
            if (!name.equals(METADATA)) {
                entries.add(entry(header, name, fields.object(name)));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long dataOffset = LENGTH_BYTES + jsonBytes;
        checkOffsets(header, entries, fileBytes - dataOffset);
        return new SafetensorsHeader(dataOffset, entries, metadata);
    }

    private static Map<String, String> metadata(JsonFields fields) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String name : fields.names()) {
            metadata.put(name, fields.string(name));
        }
        return metadata;
    }

    private static Entry entry(String where, String name, JsonFields fields) {
        JsonNode node = fields.any("dtype");
        DType dtype = DType.named(node.asText()).orElseThrow(() -> fields.refuse("dtype", "a known type", node));
        List<Long> shape = fields.integers("shape", 0, Long.MAX_VALUE);
        List<Long> offsets = fields.integers("data_offsets", 0, Long.MAX_VALUE);
        fields.end();
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw TensorException.of(where, name + ".data_offsets", "a begin and an end", offsets.toString());
        }
        long bytes = bytes(where, name, dtype, shape);
        long span = offsets.get(1) - offsets.get(0);
        if (span != bytes) {
            throw TensorException.of(
                    where, name + ".data_offsets", bytes + " bytes for " + dtype + " " + shape, span + " bytes");
        }
        return new Entry(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private static long bytes(String where, String name, DType dtype, List<Long> shape) {
        try {
            return Shape.bytes(dtype, shape);
        } catch (ArithmeticException e) {
            throw TensorException.of(where, name + ".shape", "a size below 2^63 bytes", shape.toString());
        }
    }

    private static void checkOffsets(String where, List<Entry> entries, long dataBytes) {
        long next = 0;
        for (Entry entry : entries) {
            if (entry.begin() != next) {
                throw TensorException.of(
                        where, entry.name() + ".data_offsets", "a begin of " + next, Long.toString(entry.begin()));
            }
            next = entry.end();
        }
        if (next != dataBytes) {
            throw TensorException.of(where, "data", next + " bytes", dataBytes + " bytes");
        }
    }
}
