// Values between a host and its scripts. Tables are copied both ways, raw,
// with bounds for depth and size.
#ifndef DBC_VVALUE_H
#define DBC_VVALUE_H

#include "vm.h"

// Pushes a value. May raise.
void vvalue_push(lua_State *L, const dbc_value *value);

// Pushes a table, or nil for NULL. May raise.
void vvalue_push_table(lua_State *L, const dbc_script_table *table);

// The value at `index`: a view of what is there; DBC_NULL for what is none.
dbc_value vvalue_read(lua_State *L, int index);

// The table at `index`; its memory is appended to the list at `keep`. Raises
// when it is too deep, too large, or holds what cannot be told.
const dbc_script_table *vvalue_read_table(lua_State *L, int index, int keep);

#endif
