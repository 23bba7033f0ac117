// An insert with its first row bound into it, as a query like any other: to be
// shown, to be prepared, to see which parameters it has.
#ifndef DBC_LBOUND_H
#define DBC_LBOUND_H

#include "lbox.h"

typedef enum lbound_row {
    LBOUND_COMPLETE, // with what default_fn gives; rules are checked
    LBOUND_AS_GIVEN  // as it was written
} lbound_row;

// Pushes a copy of the insert at `index` with its first row bound into it. Of
// rows that come from a function none is known: returns 0, nothing is pushed.
int lbound_push(lua_State *L, int index, lbound_row row);

// Whether the insert at `index` is one row that nothing is to be added to at
// each run.
int lbound_is_fixed(lua_State *L, int index);

#endif
