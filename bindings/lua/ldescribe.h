// Tables and schemas read back, whole, as descriptions in Lua.
#ifndef DBC_LDESCRIBE_H
#define DBC_LDESCRIBE_H

#include "ltable.h"

// Pushes the description of the descriptor at `index`.
void ldescribe_push_table(lua_State *L, int index);

// Pushes the list of the schema's relations, as they were understood.
void ldescribe_push_relations(lua_State *L, const dbc_schema *schema);

#endif
