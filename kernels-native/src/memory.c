/* Advice to the operating system about mapped memory, and what of it is resident. */
#define _GNU_SOURCE
#include "internal.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Since Linux 5.14; older kernels refuse it, and headers may lack its name. */
enum { POPULATE_READ = 22 };

static int32_t range_status(const void *data, int64_t bytes, uintptr_t page_bytes) {
    LOCI_REQUIRE(data != NULL, 1, LOCI_E_NULL);
    LOCI_REQUIRE((uintptr_t)data % page_bytes == 0, 1, LOCI_E_RANGE);
    LOCI_REQUIRE(bytes >= 0 && (uint64_t)bytes <= UINTPTR_MAX - (uintptr_t)data, 2, LOCI_E_RANGE);
    return 0;
}

int32_t loci_advise(loci_context *none, const loci_advise_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    int32_t status = range_status(args->data, args->bytes, (uintptr_t)sysconf(_SC_PAGESIZE));
    if (status != 0) {
        return status;
    }
    LOCI_REQUIRE(args->advice >= LOCI_ADVICE_RANDOM && args->advice <= LOCI_ADVICE_POPULATE, 3, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 4, LOCI_E_RANGE);
    if (args->bytes == 0) {
        return 0;
    }
    static const int advices[] = {MADV_RANDOM, MADV_HUGEPAGE, MADV_WILLNEED, MADV_DONTNEED, POPULATE_READ};
#ifdef MADV_PAGEOUT
    if (args->advice == LOCI_ADVICE_DROP) {
        madvise(args->data, (size_t)args->bytes, MADV_PAGEOUT); /* out of the page cache too, where it may */
    }
#endif
    int failed = madvise(args->data, (size_t)args->bytes, advices[args->advice]);
    return failed ? LOCI_STATUS(3, LOCI_E_SYSTEM) : 0;
}

int32_t loci_residency(loci_context *none, const loci_residency_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    int64_t page_bytes = sysconf(_SC_PAGESIZE);
    int32_t status = range_status(args->data, args->bytes, (uintptr_t)page_bytes);
    if (status != 0) {
        return status;
    }
    LOCI_REQUIRE(args->resident_bytes != NULL, 3, LOCI_E_NULL);
    enum { PAGES = 8192 };
    unsigned char in_ram[PAGES];
    int64_t resident = 0;
    for (int64_t at = 0; at < args->bytes; at += PAGES * page_bytes) {
        int64_t bytes = loci_min(args->bytes - at, PAGES * page_bytes);
        if (mincore((char *)args->data + at, (size_t)bytes, in_ram) != 0) {
            return LOCI_STATUS(1, LOCI_E_SYSTEM);
        }
        for (int64_t i = 0; i * page_bytes < bytes; i++) {
            resident += in_ram[i] & 1 ? loci_min(bytes - i * page_bytes, page_bytes) : 0;
        }
    }
    *args->resident_bytes = resident;
    return 0;
}

int32_t loci_major_faults(loci_context *none, const loci_major_faults_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->faults != NULL, 1, LOCI_E_NULL);
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return LOCI_STATUS(1, LOCI_E_SYSTEM);
    }
    *args->faults = usage.ru_majflt;
    return 0;
}

int32_t loci_map(loci_context *none, const loci_map_args *args) {
    (void)none;
    enum { HUGE_PAGE = 2 << 20 };
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->data != NULL, 1, LOCI_E_NULL);
    LOCI_REQUIRE(args->bytes >= 1 && args->bytes <= INT64_MAX - HUGE_PAGE, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(args->huge_pages == 0 || args->huge_pages == 1, 3, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 4, LOCI_E_RANGE);
    int64_t border = args->huge_pages ? HUGE_PAGE : sysconf(_SC_PAGESIZE);
    int64_t bytes = loci_round_up(args->bytes, sysconf(_SC_PAGESIZE)), slack = args->huge_pages ? HUGE_PAGE : 0;
    char *all = mmap(NULL, (size_t)(bytes + slack), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    LOCI_REQUIRE(all != MAP_FAILED, 2, LOCI_E_MEMORY);
    int64_t before = (border - (int64_t)((uintptr_t)all % (uintptr_t)border)) % border;
    if (before > 0) {
        munmap(all, (size_t)before);
    }
    if (slack > before) {
        munmap(all + before + bytes, (size_t)(slack - before));
    }
    if (args->huge_pages) {
        madvise(all + before, (size_t)bytes, MADV_HUGEPAGE); /* without them it is memory all the same */
    }
    *args->data = all + before;
    return 0;
}

int32_t loci_unmap(loci_context *none, const loci_range_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    int64_t page_bytes = sysconf(_SC_PAGESIZE);
    int32_t status = range_status(args->data, args->bytes, (uintptr_t)page_bytes);
    if (status != 0) {
        return status;
    }
    LOCI_REQUIRE(args->bytes >= 1, 2, LOCI_E_RANGE);
    int failed = munmap(args->data, (size_t)loci_round_up(args->bytes, page_bytes));
    return failed ? LOCI_STATUS(1, LOCI_E_SYSTEM) : 0;
}
