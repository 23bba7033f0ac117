// Descriptions as SQL.
#ifndef DBC_LDDL_H
#define DBC_LDDL_H

#include "lprotect.h"

void lddl_open(lua_State *L, int core, int module);

#endif
