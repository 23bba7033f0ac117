// Building writes: what is given to an insert, set by an update, done on a
// conflict, returned.
#ifndef DBC_LWRITE_H
#define DBC_LWRITE_H

#include "lquery.h"

// The steps of writes, registered by lquery.c among all methods of a query.
extern const luaL_Reg lwrite_methods[];

// Every way to run or show a query calls this first. When the query at `index`
// is an update of a table with on_update functions, and no set() mentioned
// their columns, it is replaced by a copy that sets them, computed now.
void lwrite_complete(lua_State *L, int index);

#endif
