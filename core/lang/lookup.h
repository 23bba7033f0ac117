// A hash over names, filled once and then only read: the columns of a table,
// the tables and relations of a schema. Names compare as identifiers do.
#ifndef DBC_LANG_LOOKUP_H
#define DBC_LANG_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

typedef struct dbc__lookup_entry {
    const void *scope;
    const char *name; // NULL: the place is free
    uint32_t len;
    uint32_t position;
} dbc__lookup_entry;

typedef struct dbc__lookup {
    dbc__lookup_entry *entries; // in the arena
    size_t mask;
} dbc__lookup;

// Room for `count` names. DBC_OK or DBC_ENOMEM.
int dbc__lookup_init(dbc__lookup *lookup, dbc__arena *arena, size_t count);

// Puts `position` under `name` (borrowed) within `scope`. Returns -1; when the
// name is there already nothing changes and its position is returned.
int64_t dbc__lookup_add(dbc__lookup *lookup, const void *scope,
                        const char *name, size_t len, uint32_t position);

// The position of `name` within `scope`, or -1.
int64_t dbc__lookup_find(const dbc__lookup *lookup, const void *scope,
                         const char *name, size_t len);

#endif
