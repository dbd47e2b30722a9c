package dev.loci.kernel.ffi;

import static dev.loci.kernel.ffi.Member.f32;
import static dev.loci.kernel.ffi.Member.i32;
import static dev.loci.kernel.ffi.Member.i64;
import static dev.loci.kernel.ffi.Member.kv;
import static dev.loci.kernel.ffi.Member.matrix;
import static dev.loci.kernel.ffi.Member.pointer;
import static dev.loci.kernel.ffi.Member.span;
import static dev.loci.kernel.ffi.Member.tokens;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// The C symbols, each with the members of its arguments' struct in order; all have the shape
/// `int32_t f(void *context, const void *args)`. Bindings are made from this list.
enum NativeFunction {
    // int32_t loci_cpu(loci_context *none, const loci_cpu_args *args);
    CPU("loci_cpu", pointer("abi_version"), pointer("flags"), pointer("cores")),

    // int32_t loci_open(loci_context *none, const loci_open_args *args);
    OPEN("loci_open", pointer("context"), i32("isa"), i32("flags"), i32("threads"), i32("reserved")),

    // int32_t loci_close(loci_context *context, const void *none);
    CLOSE("loci_close"),

    // int32_t loci_embed(loci_context *context, const loci_embed_args *args);
    EMBED("loci_embed", matrix("table"), span("ids"), span("out"), i32("tokens"), i32("reserved")),

    // int32_t loci_matmul(loci_context *context, const loci_matmul_args *args);
    MATMUL(
            "loci_matmul",
            span("x"),
            matrix("weights"),
            span("out"),
            i32("tokens"),
            i32("activations"),
            i32("add"),
            i32("swiglu")),

    // int32_t loci_pack(loci_context *context, const loci_pack_args *args);
    PACK("loci_pack", matrix("from"), span("out")),

    // int32_t loci_norm(loci_context *context, const loci_norm_args *args);
    NORM("loci_norm", span("x"), span("weight"), span("out"), i32("rows"), i32("dim"), i32("kind"), f32("eps")),

    // int32_t loci_swiglu(loci_context *context, const loci_swiglu_args *args);
    SWIGLU("loci_swiglu", span("x"), span("out"), i32("tokens"), i32("inner")),

    // int32_t loci_qkv(loci_context *context, const loci_qkv_args *args);
    QKV(
            "loci_qkv",
            span("qkv"),
            span("q_norm"),
            span("k_norm"),
            span("cos_sin"),
            span("q"),
            kv("kv"),
            tokens("tokens"),
            i32("heads"),
            i32("positions"),
            i32("norm_heads"),
            i32("norm_kind"),
            f32("norm_eps"),
            f32("clip")),

    // int32_t loci_attention(loci_context *context, const loci_attention_args *args);
    ATTENTION("loci_attention", span("q"), span("out"), kv("kv"), tokens("tokens"), i32("heads"), i32("reserved")),

    // int32_t loci_foresee(loci_context *context, const loci_foresee_args *args);
    FORESEE("loci_foresee", kv("kv"), tokens("tokens")),

    // int32_t loci_retrieve(loci_context *context, const loci_retrieve_args *args);
    RETRIEVE(
            "loci_retrieve",
            span("queries"),
            span("keys"),
            span("u"),
            span("v"),
            span("cores"),
            span("shuffle"),
            span("rows"),
            span("groups"),
            span("weights"),
            i64("table_rows"),
            i32("tokens"),
            i32("heads"),
            i32("axis_keys"),
            i32("key_dim"),
            i32("rank"),
            i32("core_count"),
            i32("top"),
            i32("group_count"),
            i32("key_type"),
            i32("reserved")),

    // int32_t loci_pool(loci_context *context, const loci_pool_args *args);
    POOL(
            "loci_pool",
            span("parts"),
            span("rows"),
            span("groups"),
            span("weights"),
            span("out"),
            pointer("unique_rows"),
            i64("stride"),
            i32("part_count"),
            i32("dim"),
            i32("type"),
            i32("tokens"),
            i32("hits"),
            i32("core_count"),
            i32("group_count"),
            i32("reserved")),

    // int32_t loci_sample(loci_context *context, const loci_sample_args *args);
    SAMPLE(
            "loci_sample",
            span("logits"),
            span("rows"),
            span("history"),
            span("bias_ids"),
            span("biases"),
            span("suppressed"),
            span("ids"),
            span("logprobs"),
            span("top_ids"),
            span("top_logprobs"),
            i32("row_count"),
            i32("columns"),
            i32("vocab_size"),
            i32("top"),
            span("masks")),

    // int32_t loci_limit(loci_context *context, const loci_limit_args *args);
    LIMIT(
            "loci_limit",
            span("data"),
            span("rows"),
            pointer("result"),
            i64("repeats"),
            i32("kind"),
            i32("row_bytes"),
            i32("ahead"),
            i32("stride")),

    // int32_t loci_guard_install(loci_context *none, const void *nothing);
    GUARD_INSTALL("loci_guard_install"),

    // int32_t loci_guard_add(loci_context *none, const loci_range_args *args);
    GUARD_ADD("loci_guard_add", pointer("data"), i64("bytes")),

    // int32_t loci_guard_remove(loci_context *none, const loci_range_args *args);
    GUARD_REMOVE("loci_guard_remove", pointer("data"), i64("bytes")),

    // int32_t loci_guard_faults(loci_context *none, const loci_guard_faults_args *args);
    GUARD_FAULTS("loci_guard_faults", pointer("pages")),

    // int32_t loci_advise(loci_context *none, const loci_advise_args *args);
    ADVISE("loci_advise", pointer("data"), i64("bytes"), i32("advice"), i32("reserved")),

    // int32_t loci_map(loci_context *none, const loci_map_args *args);
    MAP("loci_map", pointer("data"), i64("bytes"), i32("huge_pages"), i32("reserved")),

    // int32_t loci_unmap(loci_context *none, const loci_range_args *args);
    UNMAP("loci_unmap", pointer("data"), i64("bytes")),

    // int32_t loci_residency(loci_context *none, const loci_residency_args *args);
    RESIDENCY("loci_residency", pointer("data"), i64("bytes"), pointer("resident_bytes")),

    // int32_t loci_major_faults(loci_context *none, const loci_major_faults_args *args);
    MAJOR_FAULTS("loci_major_faults", pointer("faults"));

    /// Of every function.
    static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);

    private final String symbol;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<Member> members;

    NativeFunction(String symbol, Member... members) {
        this.symbol = symbol;
        this.members = List.of(members);
    }

    String symbol() {
        return symbol;
    }

    List<Member> members() {
        return members;
    }

    /// Where a member starts in the struct. Members lie without gaps: the header orders them by alignment.
    long offset(int member) {
        long offset = 0;
        for (Member before : members.subList(0, member)) {
            offset += before.kind().bytes();
        }
        return offset;
    }

    /// Size of the struct.
    long bytes() {
        return offset(members.size());
    }
}
