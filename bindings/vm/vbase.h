// The functions of Lua's base library that a sandbox must not have as they
// are: those that catch errors, set metatables, load code, print, or tell
// addresses.
#ifndef DBC_VBASE_H
#define DBC_VBASE_H

#include "vm.h"

// For the globals of a script. `load` and `print` are made beside.
extern const luaL_Reg vbase_functions[];

// For dbcore's own Lua files instead of some of these.
extern const luaL_Reg vbase_inner_functions[];

// Pushes `load` for scripts whose globals are at `env`.
void vbase_push_load(lua_State *L, int env);

// Loads source text with the globals at `env`. Returns a status of Lua, with
// the function or a message on the top.
int vbase_load(lua_State *L, const char *text, size_t len, const char *chunk,
               int env);

// After a protected call: raises again when the VM is stopped for good. Memory
// that is out stops it.
void vbase_check_status(lua_State *L, int status);

// Pushes the text of any value, without an address in it. May call a
// `__tostring`.
const char *vbase_tostring(lua_State *L, int index, size_t *len);

#endif
