// An arena: many small blocks that end together. Descriptions and plans keep
// their strings and arrays in one, so that freeing is a single call.
#ifndef DBC_BASE_ARENA_H
#define DBC_BASE_ARENA_H

#include <stddef.h>

#include "dbcore.h"

typedef struct dbc__arena {
    const dbc_alloc *alloc; // borrowed
    struct dbc__arena_block *head;
} dbc__arena;

void dbc__arena_init(dbc__arena *arena, const dbc_alloc *alloc);

// Frees everything; the arena is empty afterwards and may be used again.
void dbc__arena_dispose(dbc__arena *arena);

// `size` bytes, zeroed and aligned for anything. NULL when memory is out.
void *dbc__arena_take(dbc__arena *arena, size_t size);

// `count * size` bytes, checked against overflow.
void *dbc__arena_take_array(dbc__arena *arena, size_t count, size_t size);

// A copy with a NUL behind it. NULL when memory is out.
char *dbc__arena_copy(dbc__arena *arena, const char *text, size_t len);

#endif
