// Memory: the one way to get it, and the C library behind it by default.
// Sizes are checked here, so that no caller multiplies unchecked.
#ifndef DBC_BASE_ALLOC_H
#define DBC_BASE_ALLOC_H

#include <stddef.h>

#include "dbcore.h"

// `alloc`, or the C library's when it is NULL. Never NULL.
const dbc_alloc *dbc__alloc_or_default(const dbc_alloc *alloc);

// `size` bytes, not initialised. NULL when there are none; size 0 gives NULL.
void *dbc__alloc(const dbc_alloc *alloc, size_t size);

// `count` things of `size` bytes, all zero. NULL when out or too large.
void *dbc__alloc_zero(const dbc_alloc *alloc, size_t count, size_t size);

// Resizes; the old block stays good when NULL is returned.
void *dbc__alloc_resize(const dbc_alloc *alloc, void *ptr, size_t old_size,
                        size_t new_size);

// Frees a block of `size` bytes; NULL is allowed.
void dbc__alloc_free(const dbc_alloc *alloc, void *ptr, size_t size);

#endif
