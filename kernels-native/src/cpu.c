/* What the CPU can do and the operating system lets it. */
#define _GNU_SOURCE
#include "internal.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>

static uint64_t enabled_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

int64_t loci_cpu_flags(void) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) {
        return 0;
    }
    bool fma = c & bit_FMA, f16c = c & bit_F16C;
    uint64_t state = enabled_state();
    bool ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6, tiles = (state & 0x60000) == 0x60000;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        return 0;
    }
    uint32_t subleaves = a, b1 = 0;
    int64_t flags = 0;
    if (ymm && fma && f16c && (b & bit_AVX2)) {
        flags |= LOCI_CPU_AVX2;
    }
    const uint32_t avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    if (zmm && (flags & LOCI_CPU_AVX2) && (b & avx512) == avx512) {
        flags |= LOCI_CPU_AVX512;
        flags |= c & (1u << 11) ? LOCI_CPU_AVX512_VNNI : 0;
    }
    if (tiles) {
        flags |= d & (1u << 24) ? LOCI_CPU_AMX_TILE : 0;
        flags |= d & (1u << 25) ? LOCI_CPU_AMX_INT8 : 0;
        flags |= d & (1u << 22) ? LOCI_CPU_AMX_BF16 : 0;
    }
    if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b1, &c, &d) && (flags & LOCI_CPU_AVX512)) {
        flags |= a & (1u << 5) ? LOCI_CPU_AVX512_BF16 : 0;
    }
    return flags;
}

bool loci_allow_tiles(void) {
    enum { ARCH_REQ_XCOMP_PERM_ = 0x1023, XFEATURE_XTILEDATA_ = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM_, XFEATURE_XTILEDATA_) == 0;
}
#else
int64_t loci_cpu_flags(void) { return 0; }
bool loci_allow_tiles(void) { return false; }
#endif

int32_t loci_cpu(loci_context *none, const loci_cpu_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->abi_version != NULL, 1, LOCI_E_NULL);
    LOCI_REQUIRE(args->flags != NULL, 2, LOCI_E_NULL);
    LOCI_REQUIRE(args->cores != NULL, 3, LOCI_E_NULL);
    *args->abi_version = LOCI_ABI_VERSION;
    *args->flags = loci_cpu_flags();
    cpu_set_t set;
    *args->cores = sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
    return 0;
}
