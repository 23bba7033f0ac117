// Loaders for modules that are part of a program. A module is compiled when it
// is first required, not at start.
#include "vmodule.h"

#include <lauxlib.h>
#include <string.h>

// name where → what the module returns
static int load_module(lua_State *L)
{
    const vmodule_source *source = lua_touserdata(L, lua_upvalueindex(1));

    lua_settop(L, 1);
    if (luaL_loadbufferx(L, (const char *)source->text, source->len,
                         source->chunk, "t") != LUA_OK)
        return lua_error(L);
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

const vmodule_source *vmodule_find(const vmodule_source *sources,
                                   const char *name)
{
    for (; sources->name; sources++)
        if (strcmp(sources->name, name) == 0) return sources;
    return NULL;
}

void vmodule_preload(lua_State *L, const vmodule_source *sources)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const vmodule_source *source = sources; source->name; source++) {
        lua_pushlightuserdata(L, (void *)source);
        lua_pushcclosure(L, load_module, 1);
        lua_setfield(L, -2, source->name);
    }
    lua_pop(L, 1);
}
