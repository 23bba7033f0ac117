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
 * or NULL when it is none or closed, or under a policy: then the connection
 * is not for whoever has the handle. Borrowed until the handle is closed.
 */
DBC_API dbc_conn *dbcore_lua_conn(lua_State *L, int index);

/**
 * The policy of the handle at `index` (what db:as{…} returned, or a transaction
 * of such a handle), for dbc_conn_restrict() and dbc_query_restrict(); or NULL.
 * Borrowed as long as the handle is reached by Lua.
 */
DBC_API const dbc_policy *dbcore_lua_policy(lua_State *L, int index);

/**
 * Pushes a handle for a connection of the host, which gets one more reference.
 * Closing the handle gives the reference back and leaves the connection open;
 * what Lua put on it through the handle (functions, collations, observers and
 * hooks) ends with it. So does closing the Lua state, which is allowed at any
 * time but while a statement that uses such a function runs. Callbacks run in
 * the thread that called, or in the main one when it is the host that calls.
 * The module must have been loaded in `L`. Raises when memory is out.
 */
DBC_API void dbcore_lua_push(lua_State *L, dbc_conn *conn);

/**
 * The schema that d.schema() made at `index`, or NULL when it is none. Borrowed
 * as long as the value.
 */
DBC_API const dbc_schema *dbcore_lua_schema(lua_State *L, int index);

/**
 * What stands around each call that dbcore makes into Lua by itself, on behalf
 * of whoever uses the connection: rules of tables, functions of SQL, hooks,
 * observers. For hosts that limit what Lua may do.
 */
typedef struct dbcore_lua_gate {
    /**
     * Before the call. `conn` is the connection that it is for, which Lua
     * cannot use meanwhile, or NULL. `L` is where it would run. Returns the
     * state in which it runs instead, or `L`, and what leave() is to know in
     * `*pass`; or NULL with `err` filled: then nothing is called. It must not
     * raise.
     */
    lua_State *(*enter)(void *ud, dbc_conn *conn, lua_State *L, int *pass,
                        dbc_error *err);
    /**
     * Behind it, with the code it ended with; returns that, or another one
     * below zero with `err` filled. It must not raise.
     */
    int (*leave)(void *ud, int pass, int rc, dbc_error *err);
    void *ud;
} dbcore_lua_gate;

/**
 * Sets the gate of the state, borrowed as long as that is open. The module must
 * have been loaded in `L`, and no connection or table been made there yet.
 * Raises when memory is out.
 */
DBC_API void dbcore_lua_set_gate(lua_State *L, const dbcore_lua_gate *gate);

#ifdef __cplusplus
}
#endif

#endif
