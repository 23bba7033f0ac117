// Functions of the database, conditions put together, text of the user's own:
// what the module makes expressions with. And case.
#ifndef DBC_LFUNC_H
#define DBC_LFUNC_H

#include "lexpr.h"

// Pushes `name(…)` of the arguments from stack index `first` to the top.
enum {
    LFUNC_TYPED = 1 << 0,     // values fit the first expression's type
    LFUNC_AGGREGATE = 1 << 1, // of one argument it may become distinct()
    LFUNC_DISTINCT = 1 << 2
};
int lfunc_call(lua_State *L, const char *name, int first, unsigned flags);

// Methods of calls: distinct, filter, over; of a case: when, otherwise.
extern const luaL_Reg lfunc_methods[];
extern const luaL_Reg lcase_methods[];

// module.case([base])
int lcase_new(lua_State *L);

// The `call` of a case that may go on.
extern const char lcase_mark[];

// Adds the functions to the table `module`.
void lfunc_open(lua_State *L, int core, int module);

#endif
