// The calls that take and return numbers only. src/ffi/direct/c.rs defines them and says what they return.

#pragma once

#include <stdint.h>

int32_t tiny_counter_record(int64_t number, int64_t count);
int32_t tiny_counter_allowed(int64_t number);
int32_t tiny_counter_check_and_record(int64_t number);
int64_t tiny_counter_integer(int64_t number);
double tiny_counter_float(int64_t number);
int64_t tiny_counter_buckets(int64_t number, int64_t *counts, int64_t room);
void tiny_counter_release(int64_t number);
int64_t tiny_counter_interface(void);
