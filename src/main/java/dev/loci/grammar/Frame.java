package dev.loci.grammar;

/// Where a rule returns to: a node, and the frame that it returns into.
final class Frame {
    /// Below the last frame the whole text ends.
    static final Frame BOTTOM = new Frame();

    private final int node;
    private final Frame below;
    private final int depth;
    private final int hash;

    private Frame() {
        this.node = -1;
        this.below = this;
        this.depth = 0;
        this.hash = 1;
    }

    Frame(int node, Frame below) {
        this.node = node;
        this.below = below;
        this.depth = below.depth + 1;
        this.hash = (below.hash * 31 + node) * 0x9E3779B1;
    }

    boolean isBottom() {
        return depth == 0;
    }

    int node() {
        return node;
    }

    Frame below() {
        return below;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Frame frame) || frame.hash != hash || frame.depth != depth) {
            return false;
        }
        Frame a = this;
        Frame b = frame;
        while (a != b) {
            if (a.node != b.node) {
                return false;
            }
            a = a.below;
            b = b.below;
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
