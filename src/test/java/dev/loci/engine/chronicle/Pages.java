package dev.loci.engine.chronicle;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Ids and pages by number, for tests: a page's bytes follow from its number alone.
final class Pages {
    private Pages() {}

    static byte[] id(int number) {
        byte[] id = new byte[PageMap.ID_BYTES];
        new SplittableRandom(number).nextBytes(id);
        return id;
    }

    static MemorySegment page(int number, long bytes) {
        MemorySegment page = blank(bytes);
        SplittableRandom random = new SplittableRandom(~number);
        for (long offset = 0; offset < bytes; offset += Long.BYTES) {
            page.set(ValueLayout.JAVA_LONG, offset, random.nextLong());
        }
        return page;
    }

    static MemorySegment blank(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }
}
