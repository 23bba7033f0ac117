// SQL text with bound values: db:exec() and db:query().
#ifndef DBC_LRAW_H
#define DBC_LRAW_H

#include "lbox.h"

// Adds both to the method table on the top.
void lraw_methods(lua_State *L, int core);

#endif
