// An arena is a chain of blocks, newest first, each twice as large as the one
// before up to a bound. What does not fit into the newest gets a block of its
// own size; nothing ever moves.
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 64 * 1024 }; // bytes

typedef struct dbc__arena_block {
    struct dbc__arena_block *next;
    size_t size; // of the whole block, this header included
    size_t used; // likewise
} block;

static const size_t ALIGNMENT = alignof(max_align_t);

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static block *add_block(dbc__arena *arena, size_t need)
{
    size_t size = FIRST_BLOCK;

    if (arena->head != NULL && arena->head->size < LARGEST_BLOCK)
        size = arena->head->size * 2;
    else if (arena->head != NULL)
        size = LARGEST_BLOCK;
    if (size < round_up(sizeof(block)) + need)
        size = round_up(sizeof(block)) + need;

    block *added = dbc__alloc(arena->alloc, size);
    if (added == NULL) return NULL;
    added->next = arena->head;
    added->size = size;
    added->used = round_up(sizeof(block));
    arena->head = added;
    return added;
}

void dbc__arena_init(dbc__arena *arena, const dbc_alloc *alloc)
{
    arena->alloc = dbc__alloc_or_default(alloc);
    arena->head = NULL;
}

void dbc__arena_dispose(dbc__arena *arena)
{
    block *each = arena->head;

    while (each != NULL) {
        block *next = each->next;
        dbc__alloc_free(arena->alloc, each, each->size);
        each = next;
    }
    arena->head = NULL;
}

void *dbc__arena_take(dbc__arena *arena, size_t size)
{
    // Nothing is still a place of its own, so that NULL means one thing only.
    if (size == 0) size = 1;
    if (size > SIZE_MAX / 4) return NULL;
    size = round_up(size);

    block *from = arena->head;
    if (from == NULL || from->size - from->used < size)
        from = add_block(arena, size);
    if (from == NULL) return NULL;

    void *taken = (char *)from + from->used;
    from->used += size;
    return memset(taken, 0, size);
}

void *dbc__arena_take_array(dbc__arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    return dbc__arena_take(arena, count * size);
}

char *dbc__arena_copy(dbc__arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX) return NULL;

    char *copy = dbc__arena_take(arena, len + 1);
    if (copy != NULL && len != 0) memcpy(copy, text, len);
    return copy;
}
