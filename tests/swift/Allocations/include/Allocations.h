// Counts the allocations of the process, for the benchmark.

#pragma once

#include <stdint.h>

// How many allocations there were so far. Always 0 where the C library cannot be replaced.
uint64_t allocations(void);
