#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// What all threads of this process have allocated since it began.
typedef struct {
  /// Calls of malloc, calloc, realloc, aligned_alloc, posix_memalign and memalign.
  int64_t allocations;
  /// Bytes that were asked for.
  int64_t bytes;
  /// Bytes that are in use at this moment, as the allocator rounds them up.
  int64_t live_bytes;
} allocation_counts;

/// The counts at this moment. Allocates nothing.
allocation_counts allocation_counts_now(void);

/// Nanoseconds of a clock that only goes forward.
uint64_t monotonic_nanoseconds(void);

/// Nanoseconds of processor time that this process has used, in user and in kernel mode.
uint64_t process_cpu_nanoseconds(void);

#endif
