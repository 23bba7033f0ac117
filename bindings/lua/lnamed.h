// What a name means that a step of a query got as text.
#ifndef DBC_LNAMED_H
#define DBC_LNAMED_H

#include "lquery.h"

// Pushes the column that the text at `index` names in the table the query at 1
// starts from, or in the only table it joins that has one of that name. Raises
// when there is none.
void lnamed_push(lua_State *L, int index, const char *step);

// Replaces the text at `index`, a term of `step`, by what it names: an output
// that `self`, the query at 1, has, or else a column as above.
void lnamed_term(lua_State *L, const lquery *self, int index, const char *step);

#endif
