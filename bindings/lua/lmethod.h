// The methods and operators of expressions.
#ifndef DBC_LMETHOD_H
#define DBC_LMETHOD_H

#include "lbox.h"

// Pushes the metatable of expressions.
void lmethod_push_metatable(lua_State *L, int core);

#endif
