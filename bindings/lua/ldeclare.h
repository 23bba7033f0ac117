// From descriptions in Lua to the structures the core makes tables and schemas
// of.
#ifndef DBC_LDECLARE_H
#define DBC_LDECLARE_H

#include "ltable.h"

// Reads the description at `index` into `def`. Its arrays and texts stay good
// as long as what this pushes (one value) and the table at `index`. Host
// functions of columns go to the table at `host`, position + 1 -> functions;
// `*has_host` tells whether there are any. Raises when something is not what
// it should be, and says where.
void ldeclare_table(lua_State *L, dbc_table_def *def, int index, int host,
                    int *has_host);

// Reads the list of relations at `index`; pushes one value that keeps it.
dbc_relation_def *ldeclare_relations(lua_State *L, int index, size_t *count);

#endif
