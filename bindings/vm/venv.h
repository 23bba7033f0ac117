// What a script finds: an allow-list of Lua's own functions, `db`, `dbcore`,
// and what the host registered.
#ifndef DBC_VENV_H
#define DBC_VENV_H

#include "vm.h"

// Makes what all scripts of the state share. May raise.
void venv_open(lua_State *L);

// The same for the trusted profile, where Lua's libraries are open already.
void venv_open_trusted(lua_State *L);

// Pushes a fresh table of globals for one script. May raise.
void venv_push(lua_State *L);

// Makes `db` anew for the connection that the VM has now. May raise.
void venv_bind(lua_State *L);

// The functions of the host are in the table of VM_SLOT_HOST: makes the one of
// that name a global of all scripts that are loaded. May raise.
void venv_publish(lua_State *L, const char *name);

#endif
