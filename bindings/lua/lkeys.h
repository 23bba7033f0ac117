// The keys of rows that are written, by table: which column a key means, and
// what the host does for a column. Made by the first write, kept beside the
// descriptor.
#ifndef DBC_LKEYS_H
#define DBC_LKEYS_H

#include "ltable.h"

enum {
    LKEYS_DEFAULT = 1 << 0, // default_fn fills it
    LKEYS_ENCODED = 1 << 1  // JSON or a codec: not stored as it is
};

typedef struct lkeys_column {
    const dbc_column *column;
    unsigned flags;
} lkeys_column;

typedef struct lkeys_entry {
    const void *name; // the interned string itself, or NULL
    uint32_t position;
} lkeys_entry;

enum {
    LKEYS_UV_NAMES = 1,
    LKEYS_UV_PLAIN, // queries of plain inserts, LKEYS_PLAIN of them
    LKEYS_PLAIN = 4,
    LKEYS_VALUES = LKEYS_UV_NAMES + LKEYS_PLAIN
};

typedef struct lkeys {
    size_t column_count;
    unsigned flags;        // of all columns together
    unsigned shift;        // of the hash
    lkeys_column *columns; // behind this structure
    lkeys_entry *entries;  // behind those; a power of two, half empty
    size_t mask;
    // Inserts that say nothing but their columns are built once for a set of
    // columns (one bit each; tables of up to 64 columns).
    uint64_t plain[LKEYS_PLAIN];
    int plain_next;
} lkeys;

// Pushes the keys of the descriptor at `table`.
const lkeys *lkeys_push(lua_State *L, int table);

// The position of the column whose name is at `key`; -1 for everything else,
// which lkeys_find() may know all the same when it is a string.
int lkeys_known(lua_State *L, const lkeys *keys, int key);

// The position of the column that the string at `key` means in the descriptor
// at `table`. Raises with the nearest name.
uint32_t lkeys_find(lua_State *L, int table, int key);

// Pushes the query box of the plain insert with slots for these columns, and
// returns 1; or returns 0. `keys` is the stack index of the keys.
int lkeys_push_plain(lua_State *L, int keys, uint64_t columns);

// Remembers the query box on the top as that. What ties it to a connection or
// to rows is taken from it.
void lkeys_keep_plain(lua_State *L, int keys, uint64_t columns);

#endif
