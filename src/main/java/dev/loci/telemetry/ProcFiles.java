package dev.loci.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Linux' files about this process; empty on other systems.
final class ProcFiles {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Pattern KILOBYTES = Pattern.compile("(\\w+):\\s+(\\d+) kB");
    /// Of the times in it, the same on every Linux that Java runs on.
    private static final double TICKS_A_SECOND = 100;

    private ProcFiles() {}

    record Stat(double userSeconds, double systemSeconds, long minorFaults, long majorFaults, long threads) {}

    static Optional<Stat> stat() {
        return read(STAT).map(ProcFiles::stat);
    }

    /// Fields are numbered from 1; the second, the program's name, may hold anything and ends with the last bracket.
    static Stat stat(String line) {
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return new Stat(
                number(fields, 14) / TICKS_A_SECOND,
                number(fields, 15) / TICKS_A_SECOND,
                number(fields, 10),
                number(fields, 12),
                number(fields, 20));
    }

    private static long number(String[] fields, int field) {
        return Long.parseLong(fields[field - 3]);
    }

    /// Bytes, by their names there.
    static Optional<Map<String, Long>> status() {
        return read(STATUS).map(ProcFiles::status);
    }

    static Map<String, Long> status(String text) {
        return text.lines()
                .map(KILOBYTES::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(line -> line.group(1), line -> 1024 * Long.parseLong(line.group(2))));
    }

    static Optional<Long> openFiles() {
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return Optional.of(open.count());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
