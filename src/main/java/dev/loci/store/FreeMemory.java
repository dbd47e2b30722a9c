package dev.loci.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Memory that the machine could give without swapping, as Linux estimates it.
final class FreeMemory {
    private static final Path FILE = Path.of("/proc/meminfo");
    private static final Pattern AVAILABLE = Pattern.compile("MemAvailable:\\s+(\\d+) kB");
    private static final Path LIMIT = Path.of("/sys/fs/cgroup/memory.max");
    private static final Path USED = Path.of("/sys/fs/cgroup/memory.current");

    private FreeMemory() {}

    /// Of the machine, or of the control group (v2) where that is less; 0 where nobody says.
    static long bytes() {
        try {
            if (!Files.isReadable(FILE)) {
                return 0;
            }
            Matcher matcher = AVAILABLE.matcher(Files.readString(FILE));
            long machine = matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
            if (!Files.isReadable(LIMIT) || !Files.isReadable(USED)) {
                return machine;
            }
            String limit = Files.readString(LIMIT).strip();
            return limit.equals("max")
                    ? machine
                    : Math.min(
                            machine,
                            Math.max(
                                    0,
                                    Long.parseLong(limit)
                                            - Long.parseLong(
                                                    Files.readString(USED).strip())));
        } catch (IOException e) {
            throw StoreException.of("memory", "free bytes", "a readable figure", e.toString());
        }
    }
}
