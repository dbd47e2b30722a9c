package dev.loci.kernel;

/// The ops of one backend. Used by one thread at a time; every user opens its own.
///
/// Segments given to an op must be native (off the heap) and stay alive for the call.
public interface Kernels extends AutoCloseable {
    /// Backend and instruction set, as in the start log: `scalar`, `native/avx512` and so on.
    String name();

    /// How Java calls them, as in the start log: `panama`, `jni`, or `java` for the reference.
    String binding();

    /// Threads that an op may use, the caller among them.
    int threads();

    EmbedKernel embed();

    MatMulKernel matMul();

    /// Whether products of bf16 with bf16 are faster than those of bf16 with f32.
    boolean multipliesBf16();

    PackKernel pack();

    NormKernel norm();

    SwigluKernel swiglu();

    QkvKernel qkv();

    AttentionKernel attention();

    RetrievalKernel retrieval();

    PoolKernel pool();

    SampleKernel sample();

    LimitKernel limit();

    @Override
    void close();
}
