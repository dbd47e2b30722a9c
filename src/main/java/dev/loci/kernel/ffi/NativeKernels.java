package dev.loci.kernel.ffi;

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

/// The ops in C, for one instruction set and a number of threads. After [#close] every op throws an
/// [IllegalStateException].
public final class NativeKernels implements Kernels {
    // LOCI_CPU_AVX512_BF16 and LOCI_CPU_AMX_BF16
    private static final int AVX512_BF16 = 1 << 3;
    private static final int AMX_BF16 = 1 << 6;

    private final String name;
    private final String binding;
    private final int threads;
    private final boolean multipliesBf16;
    private final NativeContext context;
    private final EmbedKernel embed;
    private final MatMulKernel matMul;
    private final PackKernel pack;
    private final NormKernel norm;
    private final SwigluKernel swiglu;
    private final QkvKernel qkv;
    private final AttentionKernel attention;
    private final RetrievalKernel retrieval;
    private final PoolKernel pool;
    private final SampleKernel sample;
    private final LimitKernel limit;

    private NativeKernels(String name, String binding, int threads, boolean multipliesBf16, NativeContext context) {
        this.name = name;
        this.binding = binding;
        this.threads = threads;
        this.multipliesBf16 = multipliesBf16;
        this.context = context;
        this.embed = new NativeEmbed(context.call(NativeFunction.EMBED));
        this.matMul = new NativeMatMul(context.call(NativeFunction.MATMUL));
        this.pack = new NativePack(context.call(NativeFunction.PACK));
        this.norm = new NativeNorm(context.call(NativeFunction.NORM));
        this.swiglu = new NativeSwiglu(context.call(NativeFunction.SWIGLU));
        this.qkv = new NativeQkv(context.call(NativeFunction.QKV));
        this.attention =
                new NativeAttention(context.call(NativeFunction.ATTENTION), context.call(NativeFunction.FORESEE));
        this.retrieval = new NativeRetrieval(context.call(NativeFunction.RETRIEVE));
        this.pool = new NativePool(context.call(NativeFunction.POOL), new TableParts(context.arena()), context.arena());
        this.sample = new NativeSample(context.call(NativeFunction.SAMPLE), context.arena());
        this.limit = new NativeLimit(context.call(NativeFunction.LIMIT), context.arena());
    }

    /// Opens a context of the library.
    ///
    /// @param name    what [#name] says
    /// @param isa     code of the instruction set, as the ABI numbers them
    /// @param flags   bits of CPU features that the ops may use, of those that [NativeCpu#flags] has
    /// @param threads 1 to 1024
    public static NativeKernels open(NativeLibrary library, String name, int isa, int flags, int threads) {
        boolean multipliesBf16 = (flags & (AVX512_BF16 | AMX_BF16)) != 0;
        return new NativeKernels(
                name,
                library.binding().name(),
                threads,
                multipliesBf16,
                NativeContext.open(library, isa, flags, threads));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String binding() {
        return binding;
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public EmbedKernel embed() {
        return embed;
    }

    @Override
    public MatMulKernel matMul() {
        return matMul;
    }

    @Override
    public boolean multipliesBf16() {
        return multipliesBf16;
    }

    @Override
    public PackKernel pack() {
        return pack;
    }

    @Override
    public NormKernel norm() {
        return norm;
    }

    @Override
    public SwigluKernel swiglu() {
        return swiglu;
    }

    @Override
    public QkvKernel qkv() {
        return qkv;
    }

    @Override
    public AttentionKernel attention() {
        return attention;
    }

    @Override
    public RetrievalKernel retrieval() {
        return retrieval;
    }

    @Override
    public PoolKernel pool() {
        return pool;
    }

    @Override
    public SampleKernel sample() {
        return sample;
    }

    @Override
    public LimitKernel limit() {
        return limit;
    }

    @Override
    public void close() {
        context.close();
    }
}
