// From what a script raised to an error of the host.
#ifndef DBC_VFAILURE_H
#define DBC_VFAILURE_H

#include "vm.h"

// DBC_OK for LUA_OK; else fills `err` from the value on the top, and returns
// its code. Never raises and calls nothing of the script but a `__tostring`,
// protected.
int vfailure_of(lua_State *L, int status, dbc_error *err);

// Raises an error of the host. This and the next never return; they have a type
// so that a function of Lua can end with `return vfailure_raise(…)`.
_Noreturn int vfailure_raise(lua_State *L, const dbc_error *err);

// Raises an error of our own in a form that vfailure_of() understands, with a
// format as for lua_pushfstring().
_Noreturn int vfailure_refuse(lua_State *L, int code, const char *format, ...);

#endif
