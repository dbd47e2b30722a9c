package dev.loci.grammar;

/// A schema, pattern or list of choices that no machine is built for: it is wrong, not supported, or too large, or
/// [#busy] says that there is no room to build one now.
public final class GrammarException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_SHOWN = 200;

    private final String path;
    private final String keyword;
    private final boolean busy;

    private GrammarException(String path, String keyword, String message, boolean busy) {
        super(message);
        this.path = path;
        this.keyword = keyword;
        this.busy = busy;
    }

    /// @param path    of the schema in its document, `#` for the root
    /// @param keyword that it is about; empty for the schema as a whole
    static GrammarException of(String path, String keyword, String expected, String found) {
        String where = keyword.isEmpty() ? path : path + ", " + keyword;
        String shown = found.length() > MAX_SHOWN ? found.substring(0, MAX_SHOWN) + "..." : found;
        return new GrammarException(path, keyword, where + ": expected " + expected + ", found " + shown, false);
    }

    /// Others are compiled now; nothing is said of the grammar itself.
    static GrammarException busy(String expected, String found) {
        String message = "grammars that are being compiled: expected " + expected + ", found " + found;
        return new GrammarException("", "", message, true);
    }

    /// What Loci cannot hold output to.
    static GrammarException unsupported(String path, String keyword, String found) {
        return of(path, keyword, "something that output can be held to", found);
    }

    /// The same at a place that the thrower does not know.
    GrammarException at(String place, String name) {
        return path.isEmpty() ? new GrammarException(place, name, place + ", " + name + getMessage(), false) : this;
    }

    /// Where in the schema, as a JSON pointer after `#`.
    public String path() {
        return path;
    }

    /// The keyword; empty where the whole schema is meant.
    public String keyword() {
        return keyword;
    }

    /// Whether the same may be compiled later.
    public boolean busy() {
        return busy;
    }
}
