// The one C function that protected work goes through. It exists once, in the
// core, so that protecting a call allocates nothing.
#include "lprotect.h"

const dbcore_lua_gate *lprotect_gate(lua_State *L)
{
    const dbcore_lua_gate *gate = NULL;

    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic) == LUA_TTABLE) {
        lua_rawgeti(L, -1, LCORE_GATE);
        gate = lua_touserdata(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return gate;
}

DBC_API void dbcore_lua_set_gate(lua_State *L, const dbcore_lua_gate *gate)
{
    luaL_checkstack(L, 4, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic) != LUA_TTABLE)
        luaL_error(L, "dbcore.native is not loaded in this Lua state");
    lua_pushlightuserdata(L, (void *)gate);
    lua_rawseti(L, -2, LCORE_GATE);
    lua_pop(L, 1);
}

int lprotect_dispatch(lua_State *L)
{
    const lprotect *call = lua_touserdata(L, 1);

    if (!call) return luaL_error(L, "lprotect: nothing to run");
    return call->run(L, call->ud);
}
