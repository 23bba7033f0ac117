// Identifiers: what may be one, and how two compare (as SQLite does: ASCII
// case does not count, every other byte does).
#ifndef DBC_BASE_NAME_H
#define DBC_BASE_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "dbcore.h"

enum { DBC__NAME_MAX = 255 }; // bytes

int dbc__name_equal(const char *a, size_t a_len, const char *b, size_t b_len);

// DBC_OK, or DBC_EINVALID with a message that calls it a `what`: empty, longer
// than DBC__NAME_MAX, holding a NUL, or no valid UTF-8.
int dbc__name_check(const char *name, size_t len, const char *what,
                    dbc_error *err);

// An ASCII capital as a small letter, anything else as it is.
static inline char dbc__lower(char c)
{
    if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
    return c;
}

// A 64-bit hash of `len` bytes mixed into `seed`. Not for secrets.
uint64_t dbc__hash(uint64_t seed, const void *bytes, size_t len);

// Mixes one number into a hash.
static inline uint64_t dbc__hash_mix(uint64_t seed, uint64_t x)
{
    // The finalizer of splitmix64 (S. Vigna, 2015) over the combined word.
    x += seed * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0x632be59bd9b4e019);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

#endif
