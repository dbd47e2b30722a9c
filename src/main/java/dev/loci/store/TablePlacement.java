package dev.loci.store;

/// Where the value tables of a model lie.
/// @param pages     how they were opened; never [HugePages#AUTO]
/// @param bytes     of all tables
/// @param nanos     that opening them took
/// @param adviceTaken whether the system took the advice for all of them; of copies, true
public record TablePlacement(HugePages pages, long bytes, long nanos, boolean adviceTaken) {
    /// One line for the log.
    public String describe() {
        String size = "value tables of " + bytes / (1 << 20) + " MiB: ";
        return switch (pages) {
            case COPY -> size + "copied into huge pages in " + nanos / 1_000_000 + " ms";
            case ON -> size + "mapped, huge pages " + (adviceTaken ? "asked for" : "refused by the system");
            case OFF, AUTO -> size + "mapped in small pages";
        };
    }
}
