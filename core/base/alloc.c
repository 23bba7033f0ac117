// The library's way to memory. It adds nothing to the host's allocator but
// checked sizes; when the host gives none, the C library's is behind it.
#include "alloc.h"

#include <stdlib.h>
#include <string.h>

static void *resize_with_libc(void *ud, void *ptr, size_t old_size,
                              size_t new_size)
{
    (void)ud;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

const dbc_alloc *dbc__alloc_or_default(const dbc_alloc *alloc)
{
    static const dbc_alloc libc = {resize_with_libc, NULL};

    return alloc != NULL ? alloc : &libc;
}

void *dbc__alloc(const dbc_alloc *alloc, size_t size)
{
    return dbc__alloc_resize(alloc, NULL, 0, size);
}

void *dbc__alloc_zero(const dbc_alloc *alloc, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return NULL;

    void *block = dbc__alloc(alloc, count * size);
    if (block != NULL) memset(block, 0, count * size);
    return block;
}

void *dbc__alloc_resize(const dbc_alloc *alloc, void *ptr, size_t old_size,
                        size_t new_size)
{
    alloc = dbc__alloc_or_default(alloc);
    if (ptr == NULL && new_size == 0) return NULL;
    return alloc->resize(alloc->ud, ptr, old_size, new_size);
}

void dbc__alloc_free(const dbc_alloc *alloc, void *ptr, size_t size)
{
    if (ptr != NULL) dbc__alloc_resize(alloc, ptr, size, 0);
}
