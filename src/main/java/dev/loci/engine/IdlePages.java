package dev.loci.engine;

/// Pages that nobody holds, in the order in which they fell idle: a doubly linked list in two arrays.
final class IdlePages {
    private final int[] older;
    private final int[] newer;
    private final int end;
    private int size;

    /// @param pages numbers run below this
    IdlePages(int pages) {
        this.older = new int[pages + 1];
        this.newer = new int[pages + 1];
        this.end = pages;
        older[end] = end;
        newer[end] = end;
    }

    int size() {
        return size;
    }

    /// Adds as the newest.
    void add(int page) {
        link(older[end], page);
        link(page, end);
        size++;
    }

    void remove(int page) {
        link(older[page], newer[page]);
        size--;
    }

    int removeOldest() {
        if (size == 0) {
            throw new IllegalStateException("idle pages: expected at least one, found none");
        }
        int oldest = newer[end];
        remove(oldest);
        return oldest;
    }

    private void link(int first, int second) {
        newer[first] = second;
        older[second] = first;
    }
}
