// Identifiers and their hash. What may be a name is decided here for tables,
// columns, indexes, aliases and parameters alike.
#include "name.h"

#include <string.h>

#include "error.h"
#include "utf8.h"

int dbc__name_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len != b_len) return 0;
    for (size_t i = 0; i < a_len; i++) {
        if (dbc__lower(a[i]) != dbc__lower(b[i])) return 0;
    }
    return 1;
}

int dbc__name_check(const char *name, size_t len, const char *what,
                    dbc_error *err)
{
    dbc__quoted quoted;

    if (len == 0)
        return dbc__error_set(err, DBC_EINVALID,
                              "a %s cannot be empty: give it a name", what);
    dbc__quote(&quoted, name, len);
    if (memchr(name, '\0', len) != NULL)
        return dbc__error_set(err, DBC_EINVALID, "the %s %s holds a NUL byte",
                              what, quoted.text);
    if (len > DBC__NAME_MAX)
        return dbc__error_set(err, DBC_EINVALID,
                              "the %s %s has %zu bytes, more than %d", what,
                              quoted.text, len, DBC__NAME_MAX);
    if (!dbc__utf8_valid(name, len))
        return dbc__error_set(err, DBC_EINVALID, "the %s %s is not UTF-8", what,
                              quoted.text);
    return DBC_OK;
}

static uint64_t read_64(const unsigned char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t read_32(const unsigned char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

// The last one to eight bytes as one number. From four bytes on two loads
// that overlap do; the length, hashed too, tells such texts apart.
static uint64_t read_short(const unsigned char *at, size_t len)
{
    if (len >= 4) return read_32(at) | read_32(at + len - 4) << 32;
    return (uint64_t)at[0] | (uint64_t)at[len / 2] << 8 |
           (uint64_t)at[len - 1] << 16;
}

uint64_t dbc__hash(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = seed ^ (uint64_t)len * UINT64_C(0x9e3779b97f4a7c15);

    if (len == 0) return dbc__hash_mix(hash, 0);
    while (len > 8) {
        hash = (hash ^ read_64(at)) * UINT64_C(0xd6e8feb86659fd93);
        hash ^= hash >> 32;
        at += 8;
        len -= 8;
    }
    return dbc__hash_mix(hash, read_short(at, len));
}
