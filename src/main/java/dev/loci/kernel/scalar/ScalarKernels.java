package dev.loci.kernel.scalar;

import dev.loci.kernel.AttentionKernel;
import dev.loci.kernel.EmbedKernel;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.LimitKernel;
import dev.loci.kernel.MatMulKernel;
import dev.loci.kernel.NormKernel;
import dev.loci.kernel.PackKernel;
import dev.loci.kernel.PoolKernel;
import dev.loci.kernel.QkvKernel;
import dev.loci.kernel.RetrievalKernel;
import dev.loci.kernel.SampleKernel;
import dev.loci.kernel.SwigluKernel;

/// The reference ops. They hold nothing, so closing does nothing.
///
/// Arguments outside their stated ranges are refused with an [IllegalArgumentException] before anything is written.
public final class ScalarKernels implements Kernels {
    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public String binding() {
        return "java";
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public EmbedKernel embed() {
        return new ScalarEmbed();
    }

    @Override
    public MatMulKernel matMul() {
        return new ScalarMatMul();
    }

    @Override
    public boolean multipliesBf16() {
        return false;
    }

    @Override
    public PackKernel pack() {
        return new ScalarPack();
    }

    @Override
    public NormKernel norm() {
        return new ScalarNorm();
    }

    @Override
    public SwigluKernel swiglu() {
        return new ScalarSwiglu();
    }

    @Override
    public QkvKernel qkv() {
        return new ScalarQkv();
    }

    @Override
    public AttentionKernel attention() {
        return new ScalarAttention();
    }

    @Override
    public RetrievalKernel retrieval() {
        return new ScalarRetrieval();
    }

    @Override
    public PoolKernel pool() {
        return new ScalarPool();
    }

    @Override
    public SampleKernel sample() {
        return new ScalarSample();
    }

    @Override
    public LimitKernel limit() {
        return new ScalarLimit();
    }

    @Override
    public void close() {}
}
