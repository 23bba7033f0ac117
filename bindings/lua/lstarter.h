// The boxes that chains start with. `db:update(t)` is the same value each
// time, so a handle keeps the last few it gave, and the next chain begins
// without making one.
#ifndef DBC_LSTARTER_H
#define DBC_LSTARTER_H

#include "lbox.h"

enum { LSTARTER_COUNT = 4 };

// Part of the box of a handle, which has LSTARTER_COUNT user values for it.
typedef struct lstarters {
    const void *keys[LSTARTER_COUNT];
    unsigned next; // the place that is taken next
} lstarters;

// Pushes what the handle at 1 gave for the table at 2 and a statement of
// `kind`. Returns 0, and pushes nothing, when it keeps none.
int lstarter_push(lua_State *L, dbc_query_kind kind);

// Keeps the box on the top as that.
void lstarter_keep(lua_State *L, dbc_query_kind kind);

#endif
