// Queries as values: select, insert, update, delete. Every step makes a new
// box with a copy of the query and one more clause.
#ifndef DBC_LQUERY_H
#define DBC_LQUERY_H

#include "lexpr.h"

enum {
    LQUERY_UV_ANCHOR = LANCHOR_UV,
    LQUERY_UV_HANDLE, // the connection or transaction it was started from, nil
    LQUERY_UV_TABLE,  // the descriptor (LBOX_TABLE) or source it started from
    LQUERY_VALUES = LQUERY_UV_TABLE,
    LQUERY_UV_ROWS, // of an insert alone: a row, a list of rows or an iterator
    LQUERY_INSERT_VALUES = LQUERY_UV_ROWS
};

enum {
    LQUERY_NULLS = 1 << 0, // read NULL as dbcore.null
    LQUERY_ORDERED = 1 << 1,
    LQUERY_LIMITED = 1 << 2,
    LQUERY_RETURNING = 1 << 3,
    LQUERY_HAS_VALUES = 1 << 4, // values() was called: LQUERY_UV_ROWS counts
    LQUERY_COMBINED = 1 << 5,   // union and the like: the FROM is deeper now
    LQUERY_SELECTED = 1 << 6,   // it says which outputs it has
    LQUERY_HAS_SET = 1 << 7,    // set() was called
    LQUERY_HOSTED = 1 << 8,     // its table has columns the host looks after
    LQUERY_BARE = 1 << 9,       // without_savepoint() was called
    LQUERY_LOADS = 1 << 10,     // with() was called: relations come with it
    LQUERY_ALSO = 1 << 11       // with_count() or the like was called
};

typedef struct lquery {
    lanchored base;
    unsigned flags;
    dbc_query_kind kind;    // DBC_FRAGMENT: what with() returns
    const dbc_table *table; // of an insert, update, delete, or simple from
    uint64_t touched; // of an update: columns with on_update that were set
    dbc_query *query; // placed right behind, in the same block
} lquery;

// A copy of the query box at `index` with room for `size` plus four nodes
// more; on the top of the stack, unsealed. All user values are copied.
lquery *lquery_step(lua_State *L, int index, const dbc_query_size *size,
                    dbc_error *err);

// The same for those who have measured every node they add: a smaller box is
// less for the collector to come round to.
lquery *lquery_step_exact(lua_State *L, int index, const dbc_query_size *size,
                          dbc_error *err);

// Seals it, or raises what went wrong.
void lquery_finish(lua_State *L, lquery *query, dbc_error *err);

// Which kinds of query have a step.
enum {
    LQUERY_OF_SELECT = 1 << DBC_SELECT,
    LQUERY_OF_INSERT = 1 << DBC_INSERT,
    LQUERY_OF_UPDATE = 1 << DBC_UPDATE,
    LQUERY_OF_DELETE = 1 << DBC_DELETE,
    LQUERY_OF_WRITE = LQUERY_OF_INSERT | LQUERY_OF_UPDATE | LQUERY_OF_DELETE
};

// The query at 1 whose step `step` was called, of one of `kinds`. Raises.
const lquery *lquery_self(lua_State *L, const char *step, unsigned kinds);

// The query at `index` as part of another one, for `what`: one that has rows.
// Raises.
const dbc_query *lquery_check_sub(lua_State *L, int index, const char *what);

// Builder methods; from, insert, update, delete, with for handles and for the
// module; the functions that run a query come from lrun.h.
void lquery_open(lua_State *L, int core, int module);

// Pushes the methods a connection or transaction has for starting queries
// into the table on the top: from, insert, update, delete, with.
void lquery_starters(lua_State *L, int core);

#endif
