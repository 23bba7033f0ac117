// on_query(): a Lua function that sees every statement that ran.
#ifndef DBC_LOBSERVE_H
#define DBC_LOBSERVE_H

#include "lbox.h"

// Adds it to the method table on the top.
void lobserve_methods(lua_State *L, int core);

#endif
