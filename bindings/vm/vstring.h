// The string library of a sandbox but for what matches patterns: every function
// counts its work and checks the length of what it makes.
#ifndef DBC_VSTRING_H
#define DBC_VSTRING_H

#include "vm.h"

extern const luaL_Reg vstring_functions[];

// The place from 1 that `at` means in a text of `len` bytes, where a negative
// one counts from the end; at least 1.
size_t vstring_first_place(lua_Integer at, size_t len);

#endif
