// The small libraries of a sandbox: utf8, and what is harmless of os.
#ifndef DBC_VTEXT_H
#define DBC_VTEXT_H

#include "vm.h"

extern const luaL_Reg vtext_utf8_functions[];
extern const luaL_Reg vtext_os_functions[];

// Makes the guarded `codes` of Lua's own, which is on the top and is replaced.
void vtext_push_codes(lua_State *L);

#endif
