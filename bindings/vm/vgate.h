// Lua that the library calls by itself, such as a rule of a table into which
// the host writes: a run like one that the host asked for.
#ifndef DBC_VGATE_H
#define DBC_VGATE_H

#include "vm.h"

void vgate_init(dbc_script *vm);

// Borrowed as long as the VM.
const dbcore_lua_gate *vgate_of(const dbc_script *vm);

#endif
