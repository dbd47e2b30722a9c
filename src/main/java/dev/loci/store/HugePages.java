package dev.loci.store;

/// How the pages of value tables are to be mapped.
public enum HugePages {
    /// Rows are touched at random: the system reads one small page a fault and nothing ahead. The default.
    OFF,
    /// Huge pages are asked for. Where the system refuses them for files, the mapping stays as it was and
    /// [ValueTable#adviceTaken] says so.
    ON
}
