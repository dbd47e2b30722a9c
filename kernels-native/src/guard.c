/* Lets reads of a mapped file go on when the file has shrunk: the lost pages become zeros and are counted. */
#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RANGES = 4096 };

/* A free slot has begin 0. The handler reads without a lock: begin, end, begin again. */
static struct {
    atomic_uintptr_t begin;
    atomic_uintptr_t end;
} ranges[RANGES];
static atomic_int used; /* slots below this index may be taken */
static atomic_int_least64_t replaced;
static struct sigaction before;
static bool installed;
static uintptr_t page_bytes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of writers; never taken by the handler */

static bool is_guarded(uintptr_t address) {
    int count = atomic_load(&used);
    for (int i = 0; i < count; i++) {
        uintptr_t begin = atomic_load(&ranges[i].begin);
        uintptr_t end = atomic_load(&ranges[i].end);
        if (begin != 0 && address >= begin && address < end && atomic_load(&ranges[i].begin) == begin) {
            return true;
        }
    }
    return false;
}

static void pass_on(int signal, siginfo_t *info, void *machine) {
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(signal, info, machine);
    } else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) {
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(signal, &standard, NULL); /* the access is repeated after the return and ends the process */
    } else {
        before.sa_handler(signal);
    }
}

static void handle(int signal, siginfo_t *info, void *machine) {
    int saved = errno;
    uintptr_t address = (uintptr_t)info->si_addr;
    if (info->si_code == BUS_ADRERR && is_guarded(address)) {
        void *page = (void *)(address & ~(page_bytes - 1));
        if (mmap(page, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
            atomic_fetch_add(&replaced, 1);
            errno = saved;
            return;
        }
    }
    errno = saved;
    pass_on(signal, info, machine);
}

int32_t loci_guard_install(loci_context *none, const void *nothing) {
    (void)none;
    (void)nothing;
    int32_t status = 0;
    pthread_mutex_lock(&lock);
    if (!installed) {
        page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
        struct sigaction ours = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
        sigemptyset(&ours.sa_mask);
        /* read first: the handler may run as soon as it is set */
        installed = sigaction(SIGBUS, NULL, &before) == 0 && sigaction(SIGBUS, &ours, NULL) == 0;
        status = installed ? 0 : LOCI_STATUS(0, LOCI_E_SYSTEM);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

static int32_t range_status(const loci_range_args *args) {
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->data != NULL, 1, LOCI_E_NULL);
    LOCI_REQUIRE((uintptr_t)args->data % (uintptr_t)sysconf(_SC_PAGESIZE) == 0, 1, LOCI_E_RANGE);
    LOCI_REQUIRE(args->bytes > 0 && (uint64_t)args->bytes <= UINTPTR_MAX - (uintptr_t)args->data, 2, LOCI_E_RANGE);
    return 0;
}

int32_t loci_guard_add(loci_context *none, const loci_range_args *args) {
    (void)none;
    int32_t status = range_status(args);
    if (status != 0) {
        return status;
    }
    status = LOCI_STATUS(1, LOCI_E_MEMORY);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < RANGES; i++) {
        if (atomic_load(&ranges[i].begin) == 0) {
            atomic_store(&ranges[i].end, (uintptr_t)args->data + (uintptr_t)args->bytes);
            atomic_store(&ranges[i].begin, (uintptr_t)args->data);
            if (i >= atomic_load(&used)) {
                atomic_store(&used, i + 1);
            }
            status = 0;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return status;
}

int32_t loci_guard_remove(loci_context *none, const loci_range_args *args) {
    (void)none;
    int32_t status = range_status(args);
    if (status != 0) {
        return status;
    }
    status = LOCI_STATUS(1, LOCI_E_INDEX);
    uintptr_t begin = (uintptr_t)args->data, end = begin + (uintptr_t)args->bytes;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < RANGES; i++) {
        if (atomic_load(&ranges[i].begin) == begin && atomic_load(&ranges[i].end) == end) {
            atomic_store(&ranges[i].begin, 0);
            status = 0;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return status;
}

int32_t loci_guard_faults(loci_context *none, const loci_guard_faults_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->pages != NULL, 1, LOCI_E_NULL);
    *args->pages = atomic_load(&replaced);
    return 0;
}
