package dev.loci.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.tensor.JsonFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// `manifest.json`: every file of a model directory with size and digests, and which files hold which rows of which
/// table.
/// @param files  by name
/// @param tables one for each memory layer, in order
public record Manifest(List<Entry> files, List<Table> tables) {
    public static final String FILE = "manifest.json";
    /// The format's version; a directory of a newer one is refused.
    public static final int VERSION = 1;

    private static final String FORMAT = "loci-model";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /// One file.
    /// @param sha256       of the whole file
    /// @param headerSha256 of a safetensors file's bytes before the data
    public record Entry(String name, long bytes, String sha256, Optional<String> headerSha256) {}

    /// The parts of a table, by first row.
    public record Table(List<Part> parts) {
        public Table {
            parts = List.copyOf(parts);
        }

        public long rows() {
            return parts.stream().mapToLong(Part::rows).reduce(0, Math::addExact);
        }
    }

    public record Part(String file, long firstRow, long rows) {}

    public Manifest {
        files = List.copyOf(files);
        tables = List.copyOf(tables);
    }

    /// The entry of a file that must be there.
    /// @throws StoreException if the directory is said to have no such file
    public Entry file(String name) {
        return find(name).orElseThrow(() -> StoreException.of(FILE, name, "an entry of this name", "none"));
    }

    public Optional<Entry> find(String name) {
        return files.stream().filter(file -> file.name().equals(name)).findFirst();
    }

    /// Reads the text of the file.
    /// @throws StoreException naming the key that is wrong
    public static Manifest parse(byte[] utf8) {
        JsonFields fields = JsonFields.parse(FILE, utf8, StoreException::of);
        String format = fields.string("format");
        if (!format.equals(FORMAT)) {
            throw StoreException.of(FILE, "format", FORMAT, format);
        }
        int version = fields.integer("version", 1);
        if (version > VERSION) {
            throw StoreException.of(
                    FILE, "version", "at most " + VERSION, version + "; read it with a newer version of Loci");
        }
        List<Entry> files = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonFields file : fields.objects("files")) {
            Entry entry = entry(file);
            if (!names.add(entry.name())) {
                throw StoreException.of(FILE, "files", "names of their own", entry.name() + " twice");
            }
            files.add(entry);
        }
        List<Table> tables = new ArrayList<>();
        for (JsonFields table : fields.objects("tables")) {
            tables.add(table(table, tables.size()));
        }
        fields.end();
        return new Manifest(files, tables);
    }

    private static Entry entry(JsonFields fields) {
        String name = matching(fields, "name", NAME, "a plain file name");
        Entry entry = new Entry(
                name,
                fields.integer("bytes", 0, Long.MAX_VALUE),
                matching(fields, "sha256", SHA256, "64 hex digits"),
                fields.has("header_sha256")
                        ? Optional.of(matching(fields, "header_sha256", SHA256, "64 hex digits"))
                        : Optional.empty());
        fields.end();
        return entry;
    }

    private static String matching(JsonFields fields, String key, Pattern pattern, String expected) {
        String text = fields.string(key);
        if (!pattern.matcher(text).matches()) {
            throw fields.refuse(key, expected, fields.any(key));
        }
        return text;
    }

    private static Table table(JsonFields fields, int index) {
        List<Part> parts = new ArrayList<>();
        long next = 0;
        for (JsonFields part : fields.objects("parts")) {
            String file = matching(part, "file", NAME, "a plain file name");
            long firstRow = part.integer("first_row", 0, Long.MAX_VALUE);
            long rows = part.integer("rows", 1, Long.MAX_VALUE - next);
            part.end();
            if (firstRow != next) {
                throw StoreException.of(
                        FILE, "tables[" + index + "] " + file, "rows from " + next, "rows from " + firstRow);
            }
            parts.add(new Part(file, firstRow, rows));
            next += rows;
        }
        fields.end();
        return new Table(parts);
    }

    /// The same bytes for equal manifests.
    public byte[] write() {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("format", FORMAT);
        out.put("version", VERSION);
        ArrayNode fileNodes = out.putArray("files");
        for (Entry file : files) {
            ObjectNode node = fileNodes.addObject();
            node.put("name", file.name());
            node.put("bytes", file.bytes());
            node.put("sha256", file.sha256());
            file.headerSha256().ifPresent(sha256 -> node.put("header_sha256", sha256));
        }
        ArrayNode tableNodes = out.putArray("tables");
        for (Table table : tables) {
            ArrayNode parts = tableNodes.addObject().putArray("parts");
            for (Part part : table.parts()) {
                parts.addObject()
                        .put("file", part.file())
                        .put("first_row", part.firstRow())
                        .put("rows", part.rows());
            }
        }
        return ConfigJson.text(out);
    }
}
