/* Every inner loop, compiled for the vec.h included before this file. */
#include "../internal.h"

#include "../best.h"
#include "attention.h"
#include "matmul.h"
#include "matmul_i8.h"
#include "panels_bf16.h"
#include "panels_i8.h"
#include "pool.h"
#include "retrieve.h"
#include "rows.h"
#include "sample.h"

static void fill(loci_kernels *table) {
    *table = (loci_kernels){
        .matmul_f32 = matmul_f32,
        .matmul_bf16 = matmul_bf16,
        .matmul_i8 = matmul_i8,
        .matmul_i8_i8 = matmul_i8_i8,
        .quantise = quantise,
        .wide = VI_WIDE,
        .panels_i8 = panels_i8,
        .panels_bf16 = panels_bf16,
        .embed = embed,
        .norm = norm,
        .swiglu = swiglu,
        .clip = clip_row,
        .rotate = rotate,
        .kv_store = kv_store,
        .attend = attend,
        .attend_join = attend_join,
        .score_sums = score_sums,
        .choose = choose,
        .offer = offer,
        .pool = pool,
        .greatest = greatest,
        .weigh = weigh,
        .weights = weights,
        .take_greatest = take_greatest,
        .collect = collect,
        .exp_sum = exp_sum,
    };
}
