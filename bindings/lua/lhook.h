// Lua around writes that do not start in Lua: hooks of a table on a connection
// (dbc_conn_hook), and columns that Lua fills. What Lua itself writes has been
// through its own already.
#ifndef DBC_LHOOK_H
#define DBC_LHOOK_H

#include "ltable.h"

// Fills the columns that `write` is silent about by the default_fn or
// on_update of the descriptor at `table`, whose functions are in the table at
// `host`. Raises.
void lhook_fill(lua_State *L, dbc_write *write, int table, int host);

void lhook_open(lua_State *L, int core, int module);

#endif
