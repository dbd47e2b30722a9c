package dev.loci.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// The figures so far: a line each as they come, and a file at the end.
public final class BenchReport {
    private static final int NAME_COLUMNS = 58;
    private static final int NUMBER_COLUMNS = 9;
    private static final int UNIT_COLUMNS = 6;

    private final PrintStream out;
    private final List<BenchRecord> records = new ArrayList<>();

    public BenchReport(PrintStream out) {
        this.out = out;
    }

    /// Begins a part of the table.
    void heading(String title) {
        out.println();
        out.println(left(title, NAME_COLUMNS) + right("value", NUMBER_COLUMNS) + " " + left("unit", UNIT_COLUMNS)
                + right("limit", NUMBER_COLUMNS) + right("ratio", 7) + right("error", 8));
    }

    void note(String text) {
        out.println("  (" + text + ")");
    }

    void add(BenchRecord record) {
        records.add(record);
        String name = record.name()
                + record.parameters().entrySet().stream()
                        .map(entry -> entry.getKey().equals("version")
                                ? " " + entry.getValue()
                                : " " + entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining());
        out.println((left(name, NAME_COLUMNS) + right(number(record.value()), NUMBER_COLUMNS) + " "
                        + left(record.unit(), UNIT_COLUMNS) + right(number(record.limit()), NUMBER_COLUMNS)
                        + right(number(record.ratio()), 7) + right(number(record.error()), 8))
                .stripTrailing());
    }

    public List<BenchRecord> records() {
        return List.copyOf(records);
    }

    /// Writes a list of records.
    public void write(Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        List<Object> list = records.stream().<Object>map(BenchRecord::json).toList();
        Files.writeString(file, mapper.writeValueAsString(list) + "\n");
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : "";
    }

    /// Three significant digits.
    static String number(double value) {
        double size = Math.abs(value);
        return !Double.isFinite(value) || (size != 0 && (size < 1e-3 || size >= 1e6))
                ? exponent(value)
                : BigDecimal.valueOf(value)
                        .round(new MathContext(size >= 1000 ? 6 : 3))
                        .setScale(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3, RoundingMode.HALF_EVEN)
                        .toPlainString();
    }

    private static String exponent(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        int power = (int) Math.floor(Math.log10(Math.abs(value)));
        return Math.round(value / Math.pow(10, power)) + "e" + power;
    }

    private static String left(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - text.length()));
    }

    private static String right(String text, int columns) {
        return " ".repeat(Math.max(1, columns - text.length())) + text;
    }
}
