// The table library of a sandbox.
#ifndef DBC_VTABLE_H
#define DBC_VTABLE_H

#include "vm.h"

extern const luaL_Reg vtable_functions[];

#endif
