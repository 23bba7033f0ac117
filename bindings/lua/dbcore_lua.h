/**
 * dbcore as a Lua 5.4 module, for programs that have a Lua state of their own.
 */
#ifndef DBCORE_LUA_H
#define DBCORE_LUA_H

#include <lua.h>

#include "dbcore.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The module `dbcore.native`: what `require "dbcore"` is built on. */
DBC_API int luaopen_dbcore_native(lua_State *L);

/**
 * The open connection of the handle (connection or transaction) at `index`,
 * or NULL when it is none or closed. Borrowed until the handle is closed.
 */
DBC_API dbc_conn *dbcore_lua_conn(lua_State *L, int index);

/**
 * Pushes a handle for a connection of the host, which gets one more reference.
 * Closing the handle gives the reference back and leaves the connection open.
 * The module must have been loaded in `L`. Raises when memory is out.
 */
DBC_API void dbcore_lua_push(lua_State *L, dbc_conn *conn);

#ifdef __cplusplus
}
#endif

#endif
