// Coroutines of a sandbox: none of them can hold the failure that stops the
// VM, and closing them is bounded.
#ifndef DBC_VCOROUTINE_H
#define DBC_VCOROUTINE_H

#include "vm.h"

extern const luaL_Reg vcoroutine_functions[];

#endif
