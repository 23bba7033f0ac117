// What a statement of SQL is, without running it.
#ifndef DBSCRIPT_STATEMENT_H
#define DBSCRIPT_STATEMENT_H

#include <lua.h>

// The module dbscript.statement:
//
//   columns(db, sql)  the names of its columns in their order, an empty list
//                     when it gives no rows; nil when it cannot be prepared
int statement_module(lua_State *L);

#endif
