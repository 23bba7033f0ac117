// Plans and alterations as Lua values.
#ifndef DBC_LPLAN_H
#define DBC_LPLAN_H

#include "lbox.h"

typedef struct lplan {
    lbox head;
    dbc_plan *plan; // owned
} lplan;

// Reads the hint at the top of the stack (it stays there): a table { kind =,
// table =, name =, value = }. Its texts are borrowed from that.
dbc_hint lplan_read_hint(lua_State *L);

// Pushes how far it has come, as a table for a progress function.
void lplan_push_progress(lua_State *L, const dbc_progress_info *info);

// Metatable of plans; plan(conn, catalog, options), plan_between(conn, from,
// to, options).
void lplan_open(lua_State *L, int core, int module);

// lalter.c: alteration(conn).
void lalter_open(lua_State *L, int core, int module);

#endif
