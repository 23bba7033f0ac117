// Folders and files of a project: what Lua's own library lacks.
#ifndef DBC_LFOLDER_H
#define DBC_LFOLDER_H

#include "lprotect.h"

void lfolder_open(lua_State *L, int core, int module);

#endif
