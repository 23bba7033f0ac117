// Arguments: the table { name = value } given to what ends a chain.
#ifndef DBC_LARGS_H
#define DBC_LARGS_H

#include "lbox.h"

enum { LARGS_FEW = 8 };

typedef struct largs {
    dbc_args args;
    dbc_arg few[LARGS_FEW];
} largs;

// Reads the table at `index` (nil or none: no arguments) for `query`, which
// is run through the handle at `handle`: what a parameter is compared with
// says how its value is encoded. Pushes what the arguments borrow from; they
// are good as long as those slots.
void largs_read(lua_State *L, largs *out, int index, int handle,
                const dbc_query *query);

// Whether no parameter of the text has a codec or is JSON.
int largs_are_plain(const dbc_sql *sql);

// Reads the table at the positive stack index `index` for a text of which that
// is so, without a look at its plan. Returns 0, with nothing done, for what
// largs_read() has to see: no table, many values, others than plain ones.
int largs_read_plain(lua_State *L, largs *out, int index);

#endif
