// When the collector waits.
#include "lcollector.h"

enum {
    // Rows before it is stopped: for fewer a collection is unlikely, and
    // starting it again has its price.
    STOP_AFTER = 512,
    // Rows between two looks at how much was allocated.
    LOOK_EVERY = 4096,
    // KiB that may be allocated while it is stopped.
    STOPPED_MAX = 256 * 1024
};

static void stop(lua_State *L, lcollector *gc)
{
    if (lua_gc(L, LUA_GCISRUNNING) <= 0) return;
    gc->start = lua_gc(L, LUA_GCCOUNT);
    lua_gc(L, LUA_GCSTOP);
    gc->stopped = 1;
}

void lcollector_restart(lua_State *L, lcollector *gc)
{
    if (gc->stopped) lua_gc(L, LUA_GCRESTART);
    gc->stopped = 0;
}

void lcollector_look(lua_State *L, lcollector *gc, lua_Integer rows)
{
    if (rows == STOP_AFTER)
        stop(L, gc);
    else if (gc->stopped && rows % LOOK_EVERY == 0 &&
             lua_gc(L, LUA_GCCOUNT) - gc->start > STOPPED_MAX)
        lcollector_restart(L, gc);
}
