// Rules written in Lua, validate(fn) of a column and dbcore.rule(…) of a table:
// called by the core for every row that is written or validated, also when it
// is a program in C that writes.
#ifndef DBC_LRULES_H
#define DBC_LRULES_H

#include "ltable.h"

// Sets the host's rules of `def`, when the descriptor at `index` has any; its
// user values are filled by then. Undone by lrules_drop() unless the table is
// made.
void lrules_declare(lua_State *L, int index, dbc_table_def *def);

// The table was not made: gives back what it would have held.
void lrules_drop(ltable *table);

// The descriptor ends: its rules cannot be asked any more.
void lrules_leave(ltable *table);

// Sets the state in which rules are called when no connection tells a better
// one. Returns the one before, to be set again: a coroutine ends.
lua_State *lrules_enter(lua_State *L, const ltable *table);

#endif
