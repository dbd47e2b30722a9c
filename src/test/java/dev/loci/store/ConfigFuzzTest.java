package dev.loci.store;

import com.code_intelligence.jazzer.junit.FuzzTest;

final class ConfigFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void configIsReadOrRefused(byte[] text) {
        try {
            ConfigJson.parse(text);
        } catch (StoreException e) {
            oneLine(e);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void manifestIsReadOrRefused(byte[] text) {
        try {
            Manifest.parse(text);
        } catch (StoreException e) {
            oneLine(e);
        }
    }

    private static void oneLine(StoreException e) {
        if (e.getMessage().indexOf('\n') >= 0) {
            throw new AssertionError("more than one line", e);
        }
    }
}
