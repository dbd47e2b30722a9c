package dev.loci.kernel;

/// Element types of the KV cache; codes are those of the kernel ABI.
public enum KvType {
    F32(0),
    BF16(1),
    F16(2),
    /// `headDim` bytes, then one f32 scale for each token and head.
    INT8(3);

    private final int code;

    KvType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Bytes of one key or value of one head.
    public int rowBytes(int headDim) {
        return switch (this) {
            case F32 -> Math.multiplyExact(headDim, 4);
            case BF16, F16 -> Math.multiplyExact(headDim, 2);
            case INT8 -> Math.addExact(headDim, 4);
        };
    }
}
