// The one C function that protected work goes through. It exists once, in the
// core, so that protecting a call allocates nothing.
#include "lprotect.h"

int lprotect_dispatch(lua_State *L)
{
    const lprotect *call = lua_touserdata(L, 1);

    if (!call) return luaL_error(L, "lprotect: nothing to run");
    return call->run(L, call->ud);
}
