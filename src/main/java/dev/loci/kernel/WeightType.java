package dev.loci.kernel;

/// Element types of weight matrices; codes are those of the kernel ABI.
public enum WeightType {
    F32(0, 4),
    BF16(1, 2),
    /// One f32 scale a row beside the matrix; an element is `scale * value`.
    INT8(3, 1);

    private final int code;
    private final int elementBytes;

    WeightType(int code, int elementBytes) {
        this.code = code;
        this.elementBytes = elementBytes;
    }

    public int code() {
        return code;
    }

    public int elementBytes() {
        return elementBytes;
    }
}
