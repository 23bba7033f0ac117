// Joins: with a table, an alias, a subquery, a CTE, or by the name of a
// relation.
#ifndef DBC_LJOIN_H
#define DBC_LJOIN_H

#include "lquery.h"

// Adds the methods to the table on the top.
void ljoin_methods(lua_State *L, int core);

#endif
