// The string library of a sandbox: every function counts its work and checks
// the length of what it makes.
#ifndef DBC_VSTRING_H
#define DBC_VSTRING_H

#include "vm.h"

extern const luaL_Reg vstring_functions[];

#endif
