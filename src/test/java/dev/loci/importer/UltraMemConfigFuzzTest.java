package dev.loci.importer;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.loci.tensor.JsonFields;

final class UltraMemConfigFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void isReadOrRefused(byte[] text) {
        try {
            UltraMemConfig.of("c", JsonFields.parse("c", text, ImportException::of));
        } catch (ImportException e) {
            if (e.getMessage().indexOf('\n') >= 0) {
                throw new AssertionError("more than one line", e);
            }
        }
    }
}
