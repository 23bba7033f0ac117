// The clauses of a select, and those that writes have too: where, outputs.
#ifndef DBC_LSELECT_H
#define DBC_LSELECT_H

#include "lquery.h"

extern const luaL_Reg lselect_methods[];

// dbc_query_select() or dbc_query_returning().
typedef int (*lselect_add)(dbc_query *query, dbc_expr expr, const char *name);

// Pushes a copy of the query at 1 with the arguments from 2 on as outputs:
// expressions, and tables of them. `step` is for messages.
lquery *lselect_outputs(lua_State *L, const char *step, lselect_add add);

#endif
