package dev.loci.store;

/// How the pages of value tables are to be mapped.
public enum HugePages {
    /// [#COPY] where the memory that is free takes all tables and leaves a quarter of itself, elsewhere [#ON].
    AUTO,
    /// Rows are touched at random: the system reads one small page a fault and nothing ahead. The default.
    OFF,
    /// Huge pages are asked for. Where the system refuses them for files, the mapping stays as it was and
    /// [ValueTable#adviceTaken] says so.
    ON,
    /// Tables are copied into memory of huge pages as they are opened: files lie in the page cache as the system
    /// chooses, mostly in small pages.
    COPY;

    /// What is done for tables of so many bytes; never [#AUTO].
    /// @throws StoreException where copies are asked for that memory cannot take
    HugePages resolve(long bytes, long freeBytes) {
        if (this == COPY && bytes > freeBytes) {
            throw StoreException.of(
                    "value tables", "copies in huge pages", bytes + " bytes of free memory", Long.toString(freeBytes));
        }
        return this != AUTO ? this : bytes <= freeBytes / 4 * 3 ? COPY : ON;
    }
}
