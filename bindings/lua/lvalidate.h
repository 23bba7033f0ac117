// Rules that only the host can check before a write: the column's Lua pattern
// and its own validate(fn). Types, enums, ranges and lengths are the core's.
#ifndef DBC_LVALIDATE_H
#define DBC_LVALIDATE_H

#include "lbox.h"

// Checks the Lua value at `index`, before it is encoded, for `column` of the
// descriptor at `table`. A broken rule is added to the list at `fields`, which
// is made there when the slot holds nil. NULL and expressions pass.
void lvalidate_value(lua_State *L, int table, const dbc_column *column,
                     int index, int fields);

// Raises `validation` with err.fields when the slot at `fields` has any.
void lvalidate_raise(lua_State *L, int fields, const dbc_table *table);

#endif
