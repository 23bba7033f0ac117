// The keys by which one level of relatives is found: of each row of the level
// above its key, and the list of those that differ. Kept for one batch.
#ifndef DBC_WORK_KEY_SET_H
#define DBC_WORK_KEY_SET_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "dbcore.h"

typedef struct dbc__key_set {
    const dbc_alloc *alloc;
    size_t width;     // columns of a key
    dbc_value *keys;  // `width` for each number; then room to list columns in
    uint32_t *next;   // of each row: the next one with the same key
    uint32_t *first;  // of each number: its first row
    uint32_t *index;  // by hash: number plus one, or 0
    size_t row_count; // rows that were added
    size_t count;     // keys that differ
    size_t found;     // number of the key that was found last, or 0
    size_t row_cap, index_cap;
    dbc__arena texts; // of keys that are text or blobs
} dbc__key_set;

#define DBC__NO_ROW UINT32_MAX

void dbc__key_set_init(dbc__key_set *set, size_t width, const dbc_alloc *alloc);
void dbc__key_set_dispose(dbc__key_set *set);

// Empties it and keeps its room.
void dbc__key_set_clear(dbc__key_set *set);

// Adds the key of the next row, `width` values, which are copied. A key with
// NULL in it equals nothing and gets no number. DBC_OK or DBC_ENOMEM.
int dbc__key_set_add(dbc__key_set *set, const dbc_value *key);

// The number of a key from 1, or 0 when it was not added. One that is asked for
// again is found at once.
size_t dbc__key_set_find(dbc__key_set *set, const dbc_value *key);

// Column `i` of all keys, by number from 0. Good until something is added.
const dbc_value *dbc__key_set_list(dbc__key_set *set, size_t i);

#endif
