// A row that is given to an insert: read from its Lua table into values by
// column, and the insert built for the columns it mentions.
#ifndef DBC_LGIVEN_H
#define DBC_LGIVEN_H

#include "lkeys.h"
#include "lquery.h"

// The columns a row mentions, one bit each.
typedef struct lgiven_mask {
    uint64_t *words;
    size_t count;
} lgiven_mask;

typedef struct lgiven {
    const lkeys *keys; // of the table
    int table;         // stack index of the descriptor
    lgiven_mask mask;
    dbc_value *values; // by position; texts are borrowed from the stack
    int *places;       // by position: stack index of an expression, or 0
    int expressions;   // how many of those
    size_t given;      // how many columns it mentions
} lgiven;

// The bytes lgiven_place() needs.
size_t lgiven_room(const lkeys *keys);

// Lays the arrays of `out` into `memory`, aligned for any type.
void lgiven_place(lgiven *out, const lkeys *keys, void *memory);

// Reads the row at `index`; `number` is its place in a list, 0 for none.
// Everything read stays on the stack.
void lgiven_read(lua_State *L, lgiven *row, int index, lua_Integer number);

// Calls default_fn where the row at `index` is silent.
void lgiven_complete(lua_State *L, lgiven *row, int index);

typedef enum lgiven_values {
    LGIVEN_SLOTS, // given at each run
    LGIVEN_BOUND  // bound now
} lgiven_values;

// Pushes a copy of the insert at `insert` that fills the columns of `row`, in
// the order of the table. Expressions are always part of it.
lquery *lgiven_push_query(lua_State *L, const lgiven *row, int insert,
                          lgiven_values values);

// The values for the slots of that query: the row's own when it gives every
// column, else gathered in `room`, which holds one for each column.
const dbc_value *lgiven_slots(const lgiven *row, dbc_value *room);

#endif
