// Rows of one width behind one another; their texts go into an arena.
#include "returned.h"

#include <string.h>

#include "alloc.h"
#include "hook.h"

void dbc__returned_init(dbc__returned *rows, const dbc_alloc *alloc)
{
    memset(rows, 0, sizeof *rows);
    rows->alloc = alloc;
    dbc__arena_init(&rows->memory, alloc);
}

void dbc__returned_dispose(dbc__returned *rows)
{
    dbc__alloc_free(rows->alloc, rows->rows, rows->cap * sizeof *rows->rows);
    dbc__arena_dispose(&rows->memory);
    rows->rows = NULL;
    rows->used = rows->cap = 0;
}

int dbc__returned_add(dbc__returned *rows, const dbc_value *row, size_t count)
{
    size_t size = sizeof *rows->rows;
    dbc_value *copy;

    if (count == 0) return DBC_OK;
    if (rows->cap - rows->used < count) {
        size_t cap = rows->cap * 2 + count * 4;
        void *grown = dbc__alloc_resize(rows->alloc, rows->rows,
                                        rows->cap * size, cap * size);
        if (!grown) return DBC_ENOMEM;
        rows->rows = grown;
        rows->cap = cap;
    }
    copy = dbc__write_copy(&rows->memory, row, count);
    if (!copy) return DBC_ENOMEM;
    memcpy(rows->rows + rows->used, copy, count * size);
    rows->used += count;
    return DBC_OK;
}
