#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// What all threads of this process have allocated since it began.
typedef struct {
  /// Calls of malloc, calloc, realloc, aligned_alloc, posix_memalign and memalign.
  int64_t allocations;
  /// Bytes that were asked for.
  int64_t bytes;
  /// Bytes that came into use since allocation_counts_live was called, as the allocator rounds them up; less what was freed.
  int64_t live_bytes;
} allocation_counts;

/// The counts at this moment. Allocates nothing.
allocation_counts allocation_counts_now(void);

/// Counts live bytes from now on..
void allocation_counts_live(void);

/// Nanoseconds of a clock that only goes forward.
uint64_t monotonic_nanoseconds(void);

/// Nanoseconds of processor time that this process has used, in user and in kernel mode.
uint64_t process_cpu_nanoseconds(void);

#endif
