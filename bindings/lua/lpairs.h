// Tables of column = value: the equalities of a condition, what is set. Lua
// gives them in no order; here they get the order of the table.
#ifndef DBC_LPAIRS_H
#define DBC_LPAIRS_H

#include "lquery.h"

typedef struct lpair {
    const char *name;         // borrowed from the key or the column
    const dbc_column *column; // NULL beside a source: `name` counts
    const char *alias;        // of its table, not ended; or NULL
    size_t alias_len;
    int index; // stack index of the value
    dbc_type type;
    loperand operand;
} lpair;

enum { LPAIRS_FEW = 4 };

typedef struct lpairs {
    lpair *items; // `few`, or a block on the stack
    int count;
    const char *source;  // name of the source, or NULL
    dbc_query_size size; // room for all, as conditions or as sets
    lpair few[LPAIRS_FEW];
} lpairs;

typedef enum lpairs_use {
    LPAIRS_COMPARED,
    LPAIRS_WRITTEN // judged with the whole row when it runs
} lpairs_use;

// Reads the table at `index`, whose keys are columns of the descriptor or
// source at `target`, or of the other tables that `joined` reads from when that
// is not NULL. Pushes values that the pairs borrow from; aliases are borrowed
// from `joined`. Raises when there is none: "where got an empty table".
void lpairs_read(lua_State *L, lpairs *out, int index, int target,
                 const char *step, lpairs_use use, const dbc_query *joined);

// Adds `column = value` of pair `i`.
dbc_expr lpairs_add_equality(dbc_query *query, const lpairs *pairs, int i);

// Adds all of them, joined by AND.
dbc_expr lpairs_add_all(dbc_query *query, const lpairs *pairs);

// Anchors the new box on the top by the boxes among the values.
void lpairs_anchor(lua_State *L, lanchored *made, const lpairs *pairs);

#endif
