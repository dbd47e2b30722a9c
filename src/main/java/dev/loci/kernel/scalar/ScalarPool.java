package dev.loci.kernel.scalar;

import dev.loci.kernel.Hits;
import dev.loci.kernel.PoolKernel;
import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

final class ScalarPool implements PoolKernel {
    private static final String WHERE = "scalar pool";

    @Override
    public long pool(TableRows table, Hits hits, int tokens, int groups, MemorySegment out) {
        check(table, hits, tokens, groups, out);
        for (int t = 0; t < tokens; t++) {
            for (int g = 0; g < groups; g++) {
                for (int d = 0; d < table.dim(); d++) {
                    Elements.f32(out, ((long) t * groups + g) * table.dim() + d, sum(table, hits, t, g, d));
                }
            }
        }
        Set<Integer> rows = new HashSet<>();
        for (long k = 0; k < (long) tokens * hits.hits(); k++) {
            rows.add(Elements.i32(hits.rows(), k));
        }
        return rows.size();
    }

    private static double sum(TableRows table, Hits hits, int token, int group, int column) {
        int core = column / (table.dim() / hits.coreCount());
        double sum = 0;
        for (int k = 0; k < hits.hits(); k++) {
            long hit = (long) token * hits.hits() + k;
            if (Elements.i32(hits.groups(), hit) == group) {
                TableRow row = TableRow.of(table, Elements.i32(hits.rows(), hit));
                sum += Elements.f32(hits.weights(), hit * hits.coreCount() + core) * row.at(column);
            }
        }
        return sum;
    }

    private static void check(TableRows table, Hits hits, int tokens, int groups, MemorySegment out) {
        Arguments.atLeast(WHERE, "tokens", tokens, 0);
        Arguments.atLeast(WHERE, "groups", groups, 1);
        Arguments.atLeast(WHERE, "hits", hits.hits(), 0);
        Arguments.atLeast(WHERE, "hits coreCount", hits.coreCount(), 1);
        if (table.dim() < 1 || table.dim() % hits.coreCount() != 0) {
            throw Arguments.refused(
                    WHERE, "table dim", "a multiple of " + hits.coreCount(), Integer.toString(table.dim()));
        }
        if (table.type() == RowType.INT4 && table.dim() % 2 != 0) {
            throw Arguments.refused(WHERE, "table dim", "an even number", Integer.toString(table.dim()));
        }
        long count = Math.multiplyExact((long) tokens, hits.hits());
        Arguments.size(WHERE, "rows", hits.rows(), Arguments.bytes(Integer.BYTES, count));
        Arguments.size(WHERE, "groups", hits.groups(), Arguments.bytes(Integer.BYTES, count));
        Arguments.size(WHERE, "weights", hits.weights(), Arguments.bytes(Float.BYTES, count, hits.coreCount()));
        Arguments.size(WHERE, "out", out, Arguments.bytes(Float.BYTES, tokens, groups, table.dim()));
        for (long k = 0; k < count; k++) {
            Arguments.range(WHERE, "row of hit " + k, Elements.i32(hits.rows(), k), 0, table.rows() - 1);
            Arguments.range(WHERE, "group of hit " + k, Elements.i32(hits.groups(), k), 0, groups - 1);
        }
    }
}
