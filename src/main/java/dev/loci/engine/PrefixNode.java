package dev.loci.engine;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A published page: the ids that it holds, after the ids of its ancestors.
final class PrefixNode {
    private static final int[] NO_IDS = {};

    private final PrefixNode parent;
    private final Key key;
    private final int page;
    private final Map<Key, PrefixNode> children = new HashMap<>();

    private PrefixNode(PrefixNode parent, Key key, int page) {
        this.parent = parent;
        this.key = key;
        this.page = page;
    }

    /// The node above all first pages.
    static PrefixNode root() {
        return new PrefixNode(null, new Key(NO_IDS, 0, 0), -1);
    }

    int page() {
        return page;
    }

    PrefixNode parent() {
        return parent;
    }

    /// The child that holds the ids from here on, or null.
    PrefixNode child(int[] ids, int from) {
        return children.get(new Key(ids, from, from + KvCache.PAGE_TOKENS));
    }

    PrefixNode add(int[] ids, int from, int childPage) {
        int[] own = Arrays.copyOfRange(ids, from, from + KvCache.PAGE_TOKENS);
        Key childKey = new Key(own, 0, own.length);
        PrefixNode child = new PrefixNode(this, childKey, childPage);
        children.put(childKey, child);
        return child;
    }

    /// Takes this leaf out of the tree.
    void detach() {
        if (!children.isEmpty()) {
            throw new IllegalStateException(
                    "prefix page " + page + ", children: expected none, found " + children.size());
        }
        parent.children.remove(key);
    }

    /// A run of ids, compared by value.
    private static final class Key {
        private final int[] ids;
        private final int from;
        private final int to;
        private final int hash;

        Key(int[] ids, int from, int to) {
            this.ids = ids;
            this.from = from;
            this.to = to;
            int mixed = 1;
            for (int i = from; i < to; i++) {
                mixed = 31 * mixed + ids[i];
            }
            this.hash = mixed;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(ids, from, to, key.ids, key.from, key.to);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
