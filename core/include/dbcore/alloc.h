/**
 * Where memory comes from. Only a host that counts or limits memory needs this;
 * everything takes NULL for the allocator of the C library.
 */
#ifndef DBCORE_ALLOC_H
#define DBCORE_ALLOC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where memory comes from. `resize` frees when `new_size` is 0 (and returns
 * NULL), allocates when `ptr` is NULL, else resizes; it returns NULL when it
 * cannot, and the old block is still good. `old_size` is what was asked for.
 * The structure must outlive everything that was made with it. NULL in place
 * of a `dbc_alloc *` means the C library's allocator.
 */
typedef struct dbc_alloc {
    void *(*resize)(void *ud, void *ptr, size_t old_size, size_t new_size);
    void *ud;
} dbc_alloc;

#ifdef __cplusplus
}
#endif

#endif
