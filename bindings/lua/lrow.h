// Rows as Lua tables, built at their final size with names interned once per
// plan.
#ifndef DBC_LROW_H
#define DBC_LROW_H

#include "lbox.h"

typedef enum lrow_nulls { LROW_NIL, LROW_NULLS } lrow_nulls;

// Pushes the list of names of `layout` (outputs, then groups), kept in the
// connection box at `conn_box` under the layout's slot.
void lrow_push_names(lua_State *L, int conn_box, const dbc_layout *layout);

// Pushes one row as a table. `names` is the stack index of that list.
void lrow_push(lua_State *L, int names, const dbc_layout *layout,
               const dbc_value *row, lrow_nulls nulls);

// The same for a statement that came from text: names of its columns, and a
// row of values as they are stored.
void lrow_push_raw_names(lua_State *L, const dbc_stmt *stmt);
void lrow_push_raw(lua_State *L, int names, const dbc_value *row, size_t count,
                   lrow_nulls nulls);

// For many rows of one flat layout: pushes its names, one by one, and returns
// the stack index of the first. 0, and nothing pushed, when rows are grouped or
// the names are too many.
int lrow_spread(lua_State *L, int names, const dbc_layout *layout);

// Pushes one row by names that lrow_spread() pushed, with room for `more` keys.
void lrow_push_spread(lua_State *L, int first, const dbc_layout *layout,
                      const dbc_value *row, lrow_nulls nulls, int more);

#endif
