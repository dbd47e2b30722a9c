package dev.loci.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Sets of numbers as automata over the texts that JSON has for them. Without an exponent, but for
/// [#ANY].
final class Numbers {
    /// With an exponent that a double has room for.
    static final String ANY = "-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?([0-9]{1,2}|[12][0-9]{2}))?";
    static final String PLAIN = "-?(0|[1-9][0-9]*)(\\.[0-9]+)?";
    static final String INTEGER = "-?(0|[1-9][0-9]*)";
    private static final int MAX_REMAINDERS = 4096;
    private static final int MAX_PLACES = 64;

    private static final int[] STARTS = {0, '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':'};
    private static final int MINUS = 1;
    private static final int POINT = 2;
    private static final int ZERO = 4;

    /// How a number stands to a bound.
    enum Relation {
        AT_LEAST,
        ABOVE,
        AT_MOST,
        BELOW;

        private boolean holds(int order) {
            return switch (this) {
                case AT_LEAST -> order >= 0;
                case ABOVE -> order > 0;
                case AT_MOST -> order <= 0;
                case BELOW -> order < 0;
            };
        }

        /// Seen from the other side of zero.
        private Relation mirrored() {
            return switch (this) {
                case AT_LEAST -> AT_MOST;
                case ABOVE -> BELOW;
                case AT_MOST -> AT_LEAST;
                case BELOW -> ABOVE;
            };
        }

        Relation negated() {
            return switch (this) {
                case AT_LEAST -> BELOW;
                case ABOVE -> AT_MOST;
                case AT_MOST -> ABOVE;
                case BELOW -> AT_LEAST;
            };
        }
    }

    private Numbers() {}

    /// Before its digits are written out: an exponent can make more of them than there is memory.
    private static void requirePlaces(BigDecimal number) {
        BigDecimal plain = number.stripTrailingZeros();
        if (plain.scale() > MAX_PLACES || (long) plain.precision() - plain.scale() > MAX_PLACES) {
            throw GrammarException.of(
                    "", "", "a number of at most " + MAX_PLACES + " places on each side", number.toString());
        }
    }

    /// Numbers that stand so to a bound.
    static Dfa bounded(Relation relation, BigDecimal bound) {
        requirePlaces(bound);
        BigDecimal size = bound.abs();
        Dfa plain = Dfa.whole(PLAIN);
        Dfa positive = Dfa.whole("[0-9].*");
        Dfa zero = Dfa.whole("-?0(\\.0+)?");
        Dfa above;
        Dfa below;
        if (bound.signum() >= 0) {
            above = magnitude(relation, size, false);
            below = relation.holds(-1) ? Dfa.whole("-.*") : Dfa.texts(List.of());
        } else {
            above = relation.holds(1) ? positive : Dfa.texts(List.of());
            below = magnitude(relation.mirrored(), size, true);
        }
        Dfa all = above.or(below).minus(zero);
        if (relation.holds(BigDecimal.ZERO.compareTo(bound))) {
            all = all.or(Dfa.whole("0(\\.0+)?"));
        }
        return all.and(plain);
    }

    /// Texts of digits and a point, leading zeros left out of account, by their order to a bound of
    /// at least 0.
    ///
    /// States: how many digits before the point were read (one more than the bound has stands for all
    /// above) and how they compare; then how many after it.
    private static Dfa magnitude(Relation relation, BigDecimal bound, boolean minus) {
        String text = bound.signum() == 0 ? "0" : bound.stripTrailingZeros().toPlainString();
        int point = text.indexOf('.');
        String whole = point < 0 ? text : text.substring(0, point);
        String part = point < 0 ? "" : text.substring(point + 1);
        int wholeStates = (whole.length() + 2) * 3;
        int states = wholeStates + (part.length() + 1) * 3 + 1;
        int classes = STARTS.length;
        int[] table = new int[states * classes];
        Arrays.fill(table, Dfa.DEAD);
        BitSet accepting = new BitSet();
        for (int n = 0; n <= whole.length() + 1; n++) {
            for (int order = -1; order <= 1; order++) {
                int s = n * 3 + order + 1;
                int final1 = n < whole.length() ? -1 : n > whole.length() ? 1 : order;
                for (int digit = 0; digit < 10; digit++) {
                    int next = n >= whole.length() ? 1 : compared(order, digit, whole.charAt(n) - '0');
                    table[s * classes + ZERO + digit] = Math.min(n + 1, whole.length() + 1) * 3 + next + 1;
                }
                table[s * classes + POINT] = wholeStates + final1 + 1;
                accepting.set(s, n > 0 && relation.holds(final1 == 0 && !part.isEmpty() ? -1 : final1));
            }
        }
        for (int n = 0; n <= part.length(); n++) {
            for (int order = -1; order <= 1; order++) {
                int s = wholeStates + n * 3 + order + 1;
                for (int digit = 0; digit < 10; digit++) {
                    int next = compared(order, digit, n < part.length() ? part.charAt(n) - '0' : 0);
                    table[s * classes + ZERO + digit] = wholeStates + Math.min(n + 1, part.length()) * 3 + next + 1;
                }
                accepting.set(s, relation.holds(order == 0 && n < part.length() ? -1 : order));
            }
        }
        return started(table, accepting, 1, minus);
    }

    private static int compared(int order, int digit, int other) {
        return order != 0 ? order : Integer.compare(digit, other);
    }

    /// Puts a first state before a table: with a minus, or as the state that it stands for.
    private static Dfa started(int[] table, BitSet accepting, int first, boolean minus) {
        int classes = STARTS.length;
        int[] all = new int[table.length + classes];
        for (int e = 0; e < table.length; e++) {
            all[e + classes] = table[e] < 0 ? Dfa.DEAD : table[e] + 1;
        }
        if (minus) {
            Arrays.fill(all, 0, classes, Dfa.DEAD);
            all[MINUS] = first + 1;
        } else {
            System.arraycopy(all, (first + 1) * classes, all, 0, classes);
        }
        BitSet ends = new BitSet();
        accepting.stream().forEach(s -> ends.set(s + 1));
        ends.set(0, !minus && accepting.get(first));
        return Dfa.trimmed(STARTS, all, ends);
    }

    /// Multiples of a number above 0: the remainder of the digits so far, at the divisor's smallest
    /// place.
    static Dfa multiples(BigDecimal divisor) {
        requirePlaces(divisor);
        BigDecimal plain = divisor.stripTrailingZeros();
        int places = Math.max(0, plain.scale());
        BigInteger scaled = plain.movePointRight(places).toBigIntegerExact();
        if (scaled.bitLength() > 31 || scaled.intValue() * (places + 2L) > MAX_REMAINDERS) {
            throw GrammarException.of(
                    "", "", "a divisor with at most " + MAX_REMAINDERS + " remainders", divisor.toString());
        }
        int modulus = scaled.intValue();
        int[] powers = new int[places + 1];
        powers[0] = 1 % modulus;
        for (int i = 1; i <= places; i++) {
            powers[i] = powers[i - 1] * 10 % modulus;
        }
        int classes = STARTS.length;
        int[] table = new int[(places + 2) * modulus * classes];
        Arrays.fill(table, Dfa.DEAD);
        BitSet accepting = new BitSet();
        for (int n = 0; n <= places + 1; n++) {
            for (int rest = 0; rest < modulus; rest++) {
                int s = n * modulus + rest;
                int read = Math.max(0, n - 1);
                accepting.set(s, (long) rest * powers[places - read] % modulus == 0);
                for (int digit = 0; digit < 10; digit++) {
                    int to = n == 0 ? 0 : n + 1;
                    if (n <= places) {
                        table[s * classes + ZERO + digit] = to * modulus + (int) ((rest * 10L + digit) % modulus);
                    } else if (digit == 0) {
                        table[s * classes + ZERO] = s;
                    }
                }
                table[s * classes + POINT] = n == 0 ? modulus + rest : Dfa.DEAD;
            }
        }
        Dfa unsigned = started(table, accepting, 0, false);
        Dfa signed = started(table, accepting, 0, true);
        return unsigned.or(signed).and(Dfa.whole(PLAIN));
    }

    /// The texts that a value is written as: as in the schema, and plainly.
    static Dfa value(BigDecimal value, String text) {
        BigDecimal stripped = value.stripTrailingZeros();
        if (Math.abs((long) stripped.scale()) > 400 || stripped.precision() > 400) {
            throw GrammarException.of("", "", "a number of at most 400 places", text);
        }
        return Dfa.texts(List.of(text, stripped.toPlainString()));
    }

    /// All texts of a value that have no exponent.
    static Dfa everyText(BigDecimal value) {
        return bounded(Relation.AT_LEAST, value).and(bounded(Relation.AT_MOST, value));
    }
}
