// What only an engine can do: backup, restore, checkpoints; functions,
// aggregates, collations and hooks written in Lua.
#ifndef DBC_LSERVICE_H
#define DBC_LSERVICE_H

#include "lbox.h"

// Adds the methods to the method table on the top.
void lservice_methods(lua_State *L, int core);

#endif
