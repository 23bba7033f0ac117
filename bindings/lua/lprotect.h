// Work on something that is on loan. While a raw statement is in a C local,
// whatever may raise runs in here: under lua_pcall, so that the caller gets
// control back on every path, also in a coroutine that dies, and gives the
// statement back at once. A to-be-closed box would not be closed then. It also
// costs more: 18 ns a call against 22 (Lua 5.4.4).
#ifndef DBC_LPROTECT_H
#define DBC_LPROTECT_H

#include "dbcore_lua.h"
#include "lbox.h"

// What runs protected: a C function with the core as its upvalue, whose
// arguments begin at stack index 2.
typedef struct lprotect {
    int (*run)(lua_State *L, void *ud);
    void *ud;
} lprotect;

// Pushes what lprotect_end() calls; push the arguments next. Needs two stack
// slots, never raises.
static inline void lprotect_begin(lua_State *L, lprotect *call)
{
    lua_rawgeti(L, LCORE, LCORE_CALL);
    lua_pushlightuserdata(L, call);
}

// The same in a callback of the core, which has no upvalue. Needs two stack
// slots, too.
static inline void lprotect_begin_called(lua_State *L, lprotect *call)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_rawgeti(L, -1, LCORE_CALL);
    lua_remove(L, -2);
    lua_pushlightuserdata(L, call);
}

// Calls it with the `args` values on the top. LUA_OK with `results` values on
// the stack, else one error value there. Never raises.
static inline int lprotect_end(lua_State *L, int args, int results)
{
    return lua_pcall(L, args + 1, results, 0);
}

// What a status of Lua is for a gate.
static inline int lprotect_code(int status)
{
    if (status == LUA_OK) return DBC_OK;
    return status == LUA_ERRMEM ? DBC_ENOMEM : DBC_ECALLBACK;
}

// The gate of the host, or NULL. Needs two stack slots, never raises.
const dbcore_lua_gate *lprotect_gate(lua_State *L);

// The function for LCORE_CALL.
int lprotect_dispatch(lua_State *L);

#endif
