// `db` and `dbcore`, as scripts see them: an allow-list of the module and of
// the methods of its handles.
#ifndef DBC_VFACE_H
#define DBC_VFACE_H

#include "vm.h"

// Loads the module, if it is not, and makes `db`. May raise.
void vface_need(lua_State *L);

// Pushes the module of dbcore of that name, which scripts cannot reach. May
// raise.
void vface_require(lua_State *L, const char *name);

// Closes the handle `db`, and makes one for the connection that the VM has now.
// May raise.
void vface_rebind(lua_State *L);

// name → module of dbcore. For dbcore's own files.
int vface_inner_require(lua_State *L);

// → the native module, whose calls into Lua are runs of the VM
int vface_open_native(lua_State *L);

#endif
