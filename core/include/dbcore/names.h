/**
 * Lists of names, and the one among them that a misspelt word was meant to be.
 */
#ifndef DBCORE_NAMES_H
#define DBCORE_NAMES_H

#include <stddef.h>

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A list of names. `items` may be NULL when `count` is 0. */
typedef struct dbc_names {
    const char *const *items;
    size_t count;
} dbc_names;

/**
 * The one of `names` that `wanted` looks like a slip of, for "did you mean".
 * Returns NULL when none is near enough.
 */
DBC_API const char *dbc_nearest_name(const char *wanted, size_t len,
                                     const char *const *names, size_t count);

#ifdef __cplusplus
}
#endif

#endif
