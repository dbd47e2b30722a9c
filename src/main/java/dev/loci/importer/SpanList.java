package dev.loci.importer;

import dev.loci.store.ModelConfig.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `mem_insert_way`: `i:j/i:j...`, a memory layer read at block i and added after block j for each.
final class SpanList {
    private static final String KEY = "mem_insert_way";
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,6}):([0-9]{1,6})");

    private SpanList() {}

    /// Refuses ranges that touch or overlap: the trainer keeps one pending output, so no trained model has them.
    static List<Span> parse(String where, String text, int layers) {
        if (text.equals("full")) {
            throw ImportException.of(where, KEY, "ranges i:j or no_mem for ultramem_v1", "full");
        }
        List<Span> spans = new ArrayList<>();
        int free = 0;
        for (String part : text.split("/", -1)) {
            Matcher matcher = SPAN.matcher(part);
            if (!matcher.matches()) {
                throw ImportException.of(where, KEY, "ranges i:j, i:j/i:j and so on, or no_mem", "\"" + text + "\"");
            }
            Span span = new Span(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
            String what = KEY + " " + part;
            if (span.read() > span.add() || span.add() >= layers) {
                throw ImportException.of(
                        where, what, "i <= j < n_layers, " + layers, "i " + span.read() + ", j " + span.add());
            }
            if (span.read() < free) {
                throw ImportException.of(
                        where, what, "i above " + (free - 1) + ", where the range before it ends", "i " + span.read());
            }
            spans.add(span);
            free = span.add() + 1;
        }
        return spans;
    }
}
