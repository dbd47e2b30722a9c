package dev.loci.cli.bench;

import dev.loci.kernel.MappedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Memory full of numbers that no cache holds, in small pages or in huge ones.
final class Table {
    private static final long HUGE_PAGE = 2L << 20;
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path POLICY = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final Pattern AVAILABLE = Pattern.compile("MemAvailable:\\s+(\\d+) kB");

    private Table() {}

    /// Whether small pages stay small.
    static boolean hasSmallPages() throws IOException {
        return !Files.isReadable(POLICY) || !Files.readString(POLICY).contains("[always]");
    }

    /// Bytes that may be taken: what is asked for, or half of what is free where that is less.
    static long affordable(long bytes) throws IOException {
        if (!Files.isReadable(MEMORY)) {
            return bytes;
        }
        Matcher matcher = AVAILABLE.matcher(Files.readString(MEMORY));
        long free = matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : Long.MAX_VALUE;
        return Math.min(bytes, free / 2 / HUGE_PAGE * HUGE_PAGE);
    }

    static MemorySegment allocate(Arena arena, long bytes) {
        return fill(arena.allocate(bytes, HUGE_PAGE));
    }

    /// Gives the pages back and takes huge ones.
    static boolean intoHugePages(MappedMemory memory, MemorySegment table) {
        boolean taken =
                memory.advise(table, MappedMemory.Advice.DROP) && memory.advise(table, MappedMemory.Advice.HUGE_PAGES);
        fill(table);
        return taken;
    }

    /// Row numbers in random order.
    static MemorySegment rows(Arena arena, long count, long tableRows, long seed) {
        MemorySegment rows = arena.allocate(Integer.BYTES * count, Long.BYTES);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < count; i++) {
            rows.setAtIndex(ValueLayout.JAVA_INT, i, (int) random.nextLong(tableRows));
        }
        return rows;
    }

    private static MemorySegment fill(MemorySegment table) {
        long value = 0;
        for (long at = 0; at < table.byteSize(); at += Long.BYTES) {
            value += 0x9E3779B97F4A7C15L;
            table.set(ValueLayout.JAVA_LONG, at, value);
        }
        return table;
    }
}
