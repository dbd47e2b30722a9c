package dev.loci.kernel;

/// What a matrix product does with its input; codes are those of the kernel ABI.
public enum Activations {
    F32(0),
    /// Rounded to bf16, to nearest, ties to even; for [WeightType#BF16] weights in panels only.
    BF16(1),
    /// Quantised to int8 with one scale a token, products summed exactly in int32; for [WeightType#INT8] weights only.
    INT8(3);

    private final int code;

    Activations(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
