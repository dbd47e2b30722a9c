package dev.loci.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Numbers as people read them.
final class Sizes {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Sizes() {}

    /// Bytes in the largest binary unit that gives at least 1, with one decimal.
    static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = 0;
        double value = bytes / 1024.0;
        while (value >= 1024 && unit + 1 < UNITS.length) {
            value /= 1024;
            unit++;
        }
        return decimals(value, 1) + " " + UNITS[unit];
    }

    /// A number with that many decimals and a point, whatever the locale.
    static String decimals(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_EVEN)
                .toPlainString();
    }
}
