// The methods that all handles share: connections, transactions, and those
// under a policy.
#ifndef DBC_LHANDLE_H
#define DBC_LHANDLE_H

#include "lbox.h"

// Into the table on the top.
void lhandle_methods(lua_State *L, int core);

#endif
