package dev.loci.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SafetensorsHeaderTest {
    private static final String TWO = """
            {"__metadata__":{"made":"by hand"},
             "b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},
             "a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""";

    private static void assertRefused(String json, int dataBytes, String message) {
        assertRefused(TensorFiles.of(json, dataBytes), message);
    }

    private static void assertRefused(MemorySegment file, String message) {
        assertThatThrownBy(() -> SafetensorsHeader.parse("f", file))
                .isInstanceOf(TensorException.class)
                .hasMessage(message);
    }

    @Test
    void listsTensorsByOffset() {
        SafetensorsHeader header = SafetensorsHeader.parse("f", TensorFiles.of(TWO, 11));
        assertThat(header.entries())
                .containsExactly(
                        new SafetensorsHeader.Entry("a", DType.F32, List.of(2L, 1L), 0, 8),
                        new SafetensorsHeader.Entry("b", DType.U8, List.of(3L), 8, 11));
        assertThat(header.metadata()).containsOnly(java.util.Map.entry("made", "by hand"));
        assertThat(header.dataOffset()).isEqualTo(8 + TWO.length());
    }

    @Test
    void takesScalarsAndEmptyTensors() {
        String json = """
                {"s":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"e":{"dtype":"I16","shape":[0,4],"data_offsets":[8,8]}}""";
        assertThat(SafetensorsHeader.parse("f", TensorFiles.of(json, 8)).entries())
                .hasSize(2);
    }

    @Test
    void refusesAFileThatEndsBeforeItsHeaderLength() {
        assertRefused(
                MemorySegment.ofArray(new byte[7]), "f @ 0, header length: expected 8 bytes, found a file of 7 bytes");
    }

    @Test
    void refusesAHeaderLongerThanTheFile() {
        MemorySegment file = TensorFiles.of("{}", 0);
        file.set(ValueLayout.JAVA_BYTE, 0, (byte) 3);
        assertRefused(file, "f @ 0, header length: expected 2 to 2 bytes, found 3");
    }

    @Test
    void refusesALengthBeyond63Bits() {
        MemorySegment file = TensorFiles.of("{}", 0);
        file.asSlice(0, 8).fill((byte) 0xff);
        assertRefused(file, "f @ 0, header length: expected 2 to 2 bytes, found 18446744073709551615");
    }

    @Test
    void refusesAHeaderThatIsNoObject() {
        assertRefused("[1]", 0, "f @ 8, header: expected 0x7b, found 0x5b");
    }

    @Test
    void refusesTextThatIsNotJson() {
        assertRefused(
                "{\"a\" 1}",
                0,
                "f @ header, text: expected JSON, found Unexpected character ('1' (code 49)): was expecting a colon to"
                        + " separate field name and value at line 1");
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        MemorySegment file = TensorFiles.of("{\"a\":1}", 0);
        file.set(ValueLayout.JAVA_BYTE, 10, (byte) 0xff);
        assertRefused(file, "f @ header, text: expected UTF-8, found other bytes");
    }

    @Test
    void refusesANameGivenTwice() {
        String entry = "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
        assertRefused(
                "{" + entry + "," + entry + "}",
                0,
                "f @ header, text: expected JSON, found Duplicate field 'a' at line 1");
    }

    @Test
    void refusesAnUnknownType() {
        assertRefused(
                "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                1,
                "f @ header, a.dtype: expected a known type, found \"F8\"");
    }

    @Test
    void refusesAMissingKey() {
        assertRefused(
                "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}",
                1,
                "f @ header, a.shape: expected an array, found no such key");
    }

    @Test
    void refusesAnUnknownKey() {
        assertRefused(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":5}}",
                1,
                "f @ header, a.x: expected no such key, found 5");
    }

    @Test
    void refusesANegativeSize() {
        assertRefused(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}",
                1,
                "f @ header, a.shape[0]: expected an integer in [0, 9223372036854775807], found -1");
    }

    @Test
    void refusesAShapeWhoseBytesOverflow() {
        assertRefused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
                0,
                "f @ header, a.shape: expected a size below 2^63 bytes, found [4294967296, 4294967296]");
    }

    @Test
    void refusesOffsetsThatDoNotFitTheShape() {
        assertRefused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,7]}}",
                7,
                "f @ header, a.data_offsets: expected 8 bytes for F32 [2], found 7 bytes");
    }

    @Test
    void refusesOffsetsInTheWrongOrder() {
        assertRefused(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}",
                1,
                "f @ header, a.data_offsets: expected a begin and an end, found [1, 0]");
    }

    @Test
    void refusesAHole() {
        assertRefused(
                TWO.replace("[8,11]", "[9,12]"), 12, "f @ header, b.data_offsets: expected a begin of 8, found 9");
    }

    @Test
    void refusesAnOverlap() {
        assertRefused(
                TWO.replace("[8,11]", "[7,10]"), 11, "f @ header, b.data_offsets: expected a begin of 8, found 7");
    }

    @Test
    void refusesAFileThatIsOneByteShort() {
        assertRefused(TWO, 10, "f @ header, data: expected 11 bytes, found 10 bytes");
    }

    @Test
    void refusesBytesBehindTheLastTensor() {
        assertRefused(TWO, 12, "f @ header, data: expected 11 bytes, found 12 bytes");
    }

    @Test
    void refusesMetadataThatIsNoText() {
        assertRefused("{\"__metadata__\":{\"n\":1}}", 0, "f @ header, __metadata__.n: expected a string, found 1");
    }
}
