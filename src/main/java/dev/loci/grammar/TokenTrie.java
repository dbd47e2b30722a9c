package dev.loci.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The bytes of all tokens as a tree, in the order of a walk: the first child of node n is n + 1, its
/// next sibling `end(n)`. Immutable.
final class TokenTrie {
    private final byte[] labels;
    private final int[] ends;
    private final int[] depths;
    private final int[] firstToken;
    private final int[] tokens;
    private final int maxDepth;

    private TokenTrie(byte[] labels, int[] ends, int[] depths, int[] firstToken, int[] tokens) {
        this.labels = labels;
        this.ends = ends;
        this.depths = depths;
        this.firstToken = firstToken;
        this.tokens = tokens;
        this.maxDepth = Arrays.stream(depths).max().orElse(0);
    }

    /// @param bytes of each id; an empty array for an id that no text has
    static TokenTrie of(List<byte[]> bytes) {
        List<Integer> order = new ArrayList<>();
        long total = 1;
        for (int id = 0; id < bytes.size(); id++) {
            if (bytes.get(id).length > 0) {
                order.add(id);
                total += bytes.get(id).length;
            }
        }
        order.sort(Comparator.comparing(bytes::get, Arrays::compareUnsigned));
        int room = Math.toIntExact(total);
        byte[] labels = new byte[room];
        int[] depths = new int[room];
        int[] ends = new int[room];
        int[] first = new int[room + 1];
        int[] tokens = new int[order.size()];
        int[] path = new int[4096];
        int size = 1;
        int depth = 0;
        int count = 0;
        byte[] before = {};
        for (int id : order) {
            byte[] text = bytes.get(id);
            if (text.length >= path.length) {
                path = Arrays.copyOf(path, 2 * text.length);
            }
            int same = Arrays.mismatch(before, text);
            int common = same < 0 ? text.length : same;
            for (; depth > common; depth--) {
                ends[path[depth]] = size;
            }
            for (; depth < text.length; depth++) {
                labels[size] = text[depth];
                depths[size] = depth + 1;
                first[size] = count;
                path[depth + 1] = size++;
            }
            tokens[count++] = id;
            before = text;
        }
        for (; depth > 0; depth--) {
            ends[path[depth]] = size;
        }
        ends[0] = size;
        first[size] = count;
        return new TokenTrie(
                Arrays.copyOf(labels, size),
                Arrays.copyOf(ends, size),
                Arrays.copyOf(depths, size),
                Arrays.copyOf(first, size + 1),
                tokens);
    }

    int label(int node) {
        return labels[node] & 0xFF;
    }

    int end(int node) {
        return ends[node];
    }

    int depth(int node) {
        return depths[node];
    }

    int maxDepth() {
        return maxDepth;
    }

    /// Tokens that end at a node: those of `token(i)` for i from this on, below the next node's.
    int firstToken(int node) {
        return firstToken[node];
    }

    int token(int index) {
        return tokens[index];
    }
}
