// dbscript --sandbox, as far as it is C: the module "dbscript.untrusted".
#ifndef DBSCRIPT_SANDBOX_H
#define DBSCRIPT_SANDBOX_H

#include <lua.h>

int sandbox_module(lua_State *L);

#endif
