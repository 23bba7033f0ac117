// Words about relations: with, with_count and what is beside it, has.
#ifndef DBC_LRELATE_H
#define DBC_LRELATE_H

#include "lquery.h"

// Adds with, with_count, with_sum, … to the method table on the top.
void lrelate_methods(lua_State *L, int core);

// Adds has and has_not to the module at stack index `module`.
void lrelate_open(lua_State *L, int core, int module);

#endif
