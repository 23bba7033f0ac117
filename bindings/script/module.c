// Loaders for the modules inside the program. A module is compiled when it is
// first required, not at start.
#include "module.h"

#include <lauxlib.h>

// name where → what the module returns
static int load_module(lua_State *L)
{
    const module_source *source = lua_touserdata(L, lua_upvalueindex(1));

    lua_settop(L, 1);
    if (luaL_loadbufferx(L, (const char *)source->text, source->len,
                         source->chunk, "t") != LUA_OK)
        return lua_error(L);
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

void module_preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const module_source *source = module_sources; source->name; source++) {
        lua_pushlightuserdata(L, (void *)source);
        lua_pushcclosure(L, load_module, 1);
        lua_setfield(L, -2, source->name);
    }
    lua_pop(L, 1);
}
