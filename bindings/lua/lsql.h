// Showing queries: to_sql() and explain().
#ifndef DBC_LSQL_H
#define DBC_LSQL_H

#include "lbox.h"

// native.words(query)
void lsql_open(lua_State *L, int core, int module);

// Adds both to the method table on the top.
void lsql_methods(lua_State *L, int core);

#endif
