package dev.loci.tensor;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;

final class SafetensorsFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void parsesOrRefuses(byte[] file) {
        try {
            SafetensorsHeader.parse("f", MemorySegment.ofArray(file));
        } catch (TensorException e) {
            if (e.getMessage().indexOf('\n') >= 0) {
                throw new AssertionError("more than one line", e);
            }
        }
    }
}
