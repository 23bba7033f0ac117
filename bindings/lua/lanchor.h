// What keeps alive the tables that the nodes of an expression or a query point
// to: user value 1 of its box, which holds nothing, one table descriptor, or a
// set of them. The box also knows its address, so that the usual question,
// whether it holds a table already, is answered without asking Lua.
#ifndef DBC_LANCHOR_H
#define DBC_LANCHOR_H

#include "lbox.h"

enum { LANCHOR_UV = 1 };

// How expression and query boxes begin.
typedef struct lanchored {
    lbox head;
    const lbox *anchor; // what user value 1 holds, or NULL
} lanchored;

// Adds what anchors the expression, query, descriptor or source at `from` to
// the expression or query on the top of the stack.
void lanchor_add(lua_State *L, int from);

// The same for `from`, an expression or query at stack index `index`, whose
// anchor is not that of the box on the top, `box`.
void lanchor_join(lua_State *L, lanchored *box, const lanchored *from,
                  int index);

// Gives `box` on the top, which has no anchor yet, that of the descriptor at
// `table`.
void lanchor_start(lua_State *L, lanchored *box, int table);

static inline void lanchor_take(lua_State *L, lanchored *box,
                                const lanchored *from, int index)
{
    if (!from->anchor || from->anchor == box->anchor) return;
    lanchor_join(L, box, from, index);
}

#endif
