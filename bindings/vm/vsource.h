// Scripts that are loaded, as the other files see them.
#ifndef DBC_VSOURCE_H
#define DBC_VSOURCE_H

#include "vm.h"

// Pushes the function of that name, "f" or "a.b", of the script that was
// loaded last and has it. Returns 0, with nothing pushed, when there is none.
int vsource_push_function(lua_State *L, const char *name);

// Pushes a global of a script likewise, of any type but nil.
int vsource_push_global(lua_State *L, const char *name);

#endif
