/* The threads of a context. Between the operations of a step they spin for a while, then they sleep until the next one.
 *
 * `state` holds the number of the current job (upper half) and its next item (lower half; IDLE between jobs). An item
 * is claimed by a compare-and-swap of both, so a thread that wakes late can neither claim an item of a job that is over
 * nor take one job's items for another's. Of items that cost the same, a claim takes its thread's half of an even share
 * of what is left: few claims, and the last ones small. The caller waits for claimed items only, never for a thread to
 * show up.
 */
#define _GNU_SOURCE
#include "internal.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SPIN_NANOS = 80000, ALONE_NANOS_SPINNING = 4000, ALONE_NANOS_SLEEPING = 20000 };
#define IDLE UINT32_MAX

typedef struct {
    loci_threads *pool;
    pthread_t handle;
    int32_t index;
} worker;

struct loci_threads {
    _Alignas(64) atomic_uint_least64_t state;
    _Alignas(64) atomic_uint_least32_t done;  /* items finished */
    _Alignas(64) atomic_uint_least32_t wakes; /* what sleepers wait to see change */
    atomic_int sleeping;
    atomic_bool stopping;
    _Alignas(64) _Atomic(loci_task *) task;
    _Atomic(void *) job;
    atomic_int items;
    atomic_uint_least32_t parts; /* a claim takes this part of the items left; 0: one item */
    int32_t count;               /* workers */
    worker workers[];
};

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool has_work(uint64_t state) { return (uint32_t)state != IDLE; }

/* Runs items of the current job until none is left to claim. */
static void work(loci_threads *pool, int32_t thread) {
    uint64_t state = atomic_load_explicit(&pool->state, memory_order_acquire);
    while (has_work(state)) {
        loci_task *task = atomic_load_explicit(&pool->task, memory_order_acquire);
        void *job = atomic_load_explicit(&pool->job, memory_order_acquire);
        uint32_t items = (uint32_t)atomic_load_explicit(&pool->items, memory_order_acquire);
        uint32_t parts = atomic_load_explicit(&pool->parts, memory_order_acquire);
        uint32_t item = (uint32_t)state;
        if (item >= items) {
            break;
        }
        uint32_t share = parts == 0 ? 1 : (items - item + parts - 1) / parts;
        if (atomic_compare_exchange_weak_explicit(&pool->state, &state, state + share, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            for (uint32_t i = 0; i < share; i++) {
                task(job, (int32_t)(item + i), thread);
            }
            atomic_fetch_add_explicit(&pool->done, share, memory_order_release);
            state = atomic_load_explicit(&pool->state, memory_order_acquire);
        }
    }
}

static bool exhausted(loci_threads *pool, uint64_t state) {
    return !has_work(state) || (uint32_t)state >= (uint32_t)atomic_load_explicit(&pool->items, memory_order_relaxed);
}

static void wait_for_work(loci_threads *pool) {
    int64_t until = now() + SPIN_NANOS;
    for (uint32_t turn = 1;; turn++) {
        if (!exhausted(pool, atomic_load_explicit(&pool->state, memory_order_acquire)) ||
            atomic_load_explicit(&pool->stopping, memory_order_relaxed)) {
            return;
        }
        relax();
        if (turn % 32 == 0 && now() > until) {
            break;
        }
    }
    uint32_t wakes = atomic_load(&pool->wakes);
    atomic_fetch_add(&pool->sleeping, 1);
    if (exhausted(pool, atomic_load(&pool->state)) && !atomic_load(&pool->stopping)) {
        syscall(SYS_futex, &pool->wakes, FUTEX_WAIT_PRIVATE, wakes, NULL, NULL, 0);
    }
    atomic_fetch_sub(&pool->sleeping, 1);
}

static void wake(loci_threads *pool) {
    atomic_fetch_add(&pool->wakes, 1);
    syscall(SYS_futex, &pool->wakes, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void *run_worker(void *argument) {
    worker *self = argument;
    loci_threads *pool = self->pool;
    while (!atomic_load(&pool->stopping)) {
        work(pool, self->index);
        wait_for_work(pool);
    }
    return NULL;
}

static void run(loci_context *context, loci_task *task, void *job, int32_t items, double nanos, bool even) {
    loci_threads *pool = context->pool;
    bool asleep = pool->count > 0 && atomic_load(&pool->sleeping) > 0;
    if (items <= 1 || pool->count == 0 || nanos < (asleep ? ALONE_NANOS_SLEEPING : ALONE_NANOS_SPINNING)) {
        for (int32_t item = 0; item < items; item++) {
            task(job, item, 0);
        }
        return;
    }
    /* Released, so that whoever sees one of these sees the end of the job before too, and its claim fails. */
    atomic_store_explicit(&pool->task, task, memory_order_release);
    atomic_store_explicit(&pool->job, job, memory_order_release);
    atomic_store_explicit(&pool->items, items, memory_order_release);
    atomic_store_explicit(&pool->parts, even ? 2 * ((uint32_t)pool->count + 1) : 0, memory_order_release);
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    uint64_t number = (atomic_load_explicit(&pool->state, memory_order_relaxed) >> 32) + 1;
    atomic_store(&pool->state, number << 32);
    if (atomic_load(&pool->sleeping) > 0) {
        wake(pool);
    }
    work(pool, 0);
    for (uint32_t turn = 1; atomic_load_explicit(&pool->done, memory_order_acquire) != (uint32_t)items; turn++) {
        relax();
        if (turn % 4096 == 0) {
            sched_yield(); /* a worker that lost its core */
        }
    }
    atomic_store(&pool->state, number << 32 | IDLE);
}

void loci_parallel(loci_context *context, loci_task *task, void *job, int32_t items, double nanos) {
    run(context, task, job, items, nanos, false);
}

void loci_parallel_even(loci_context *context, loci_task *task, void *job, int32_t items, double nanos) {
    run(context, task, job, items, nanos, true);
}

loci_threads *loci_threads_start(int32_t threads) {
    size_t bytes = sizeof(loci_threads) + (size_t)threads * sizeof(worker);
    loci_threads *pool = aligned_alloc(64, (size_t)loci_round_up((int64_t)bytes, 64));
    if (pool == NULL) {
        return NULL;
    }
    atomic_init(&pool->state, IDLE);
    atomic_init(&pool->done, 0);
    atomic_init(&pool->wakes, 0);
    atomic_init(&pool->sleeping, 0);
    atomic_init(&pool->stopping, false);
    atomic_init(&pool->task, NULL);
    atomic_init(&pool->job, NULL);
    atomic_init(&pool->items, 0);
    atomic_init(&pool->parts, 0);
    pool->count = 0;
    for (int32_t i = 1; i < threads; i++) {
        worker *one = &pool->workers[i - 1];
        one->pool = pool;
        one->index = i;
        if (pthread_create(&one->handle, NULL, run_worker, one) != 0) {
            loci_threads_stop(pool);
            return NULL;
        }
        pool->count = i;
    }
    return pool;
}

void loci_threads_stop(loci_threads *pool) {
    atomic_store(&pool->stopping, true);
    wake(pool);
    for (int32_t i = 0; i < pool->count; i++) {
        pthread_join(pool->workers[i].handle, NULL);
    }
    free(pool);
}
