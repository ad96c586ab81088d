// Counts allocations by standing in front of glibc's allocator. Linked into the benchmark executable alone, whose symbols come
// before the C library's for every library of the process, the Swift runtime included.

#define _GNU_SOURCE
#include "AllocationCounter.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

// One slot per thread, each on a cache line of its own, so that counting needs no locked instruction. Threads beyond the last
// slot share it; with atomic additions there the counts stay exact.
#define SLOTS 256
typedef struct {
  _Alignas(64) atomic_llong allocations;
  atomic_llong bytes;
  atomic_llong live;
} slot;

static slot slots[SLOTS];
static atomic_int used;
// Whether blocks are measured, too: it costs a hundredth of a small transaction.
static atomic_int counts_live;

static int measures_live(void) { return atomic_load_explicit(&counts_live, memory_order_relaxed); }

static _Thread_local slot *mine __attribute__((tls_model("initial-exec")));

static slot *own(void) {
  if (!mine) {
    int index = atomic_fetch_add(&used, 1);
    mine = &slots[index < SLOTS ? index : SLOTS - 1];
  }
  return mine;
}

static void add(slot *s, atomic_llong *value, long long amount) {
  if (s == &slots[SLOTS - 1]) {
    atomic_fetch_add_explicit(value, amount, memory_order_relaxed);
  } else {
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + amount, memory_order_relaxed);
  }
}

static void *counted(void *block, size_t size) {
  slot *s = own();
  add(s, &s->allocations, 1);
  add(s, &s->bytes, (long long)size);
  if (block && measures_live()) add(s, &s->live, (long long)malloc_usable_size(block));
  return block;
}

static void released(void *block) {
  if (!block || !measures_live()) return;
  slot *s = own();
  add(s, &s->live, -(long long)malloc_usable_size(block));
}

void allocation_counts_live(void) { atomic_store(&counts_live, 1); }

void *malloc(size_t size) { return counted(__libc_malloc(size), size); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size), count * size); }

void *realloc(void *old, size_t size) {
  released(old);
  return counted(__libc_realloc(old, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size), size); }

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size), size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  void *block = __libc_memalign(alignment, size);
  if (!block) return ENOMEM;
  *result = counted(block, size);
  return 0;
}

void free(void *block) {
  released(block);
  __libc_free(block);
}

allocation_counts allocation_counts_now(void) {
  allocation_counts sum = {0, 0, 0};
  for (int i = 0; i < SLOTS; i++) {
    sum.allocations += atomic_load_explicit(&slots[i].allocations, memory_order_relaxed);
    sum.bytes += atomic_load_explicit(&slots[i].bytes, memory_order_relaxed);
    sum.live_bytes += atomic_load_explicit(&slots[i].live, memory_order_relaxed);
  }
  return sum;
}

static uint64_t read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t monotonic_nanoseconds(void) { return read_clock(CLOCK_MONOTONIC); }

uint64_t process_cpu_nanoseconds(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }
