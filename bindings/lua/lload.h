// Rows with their relatives as Lua tables: each relation is a key of its row,
// a list for many, a row for one. Rows that several rows have in common are
// one table.
#ifndef DBC_LLOAD_H
#define DBC_LLOAD_H

#include "lquery.h"
#include "lread.h"

enum { LLOAD_BATCH = 256 }; // rows of a query that are read at once by rows()

// Whether relations come with what is read in this way.
static inline int lload_is_due(const lquery *query, lread_mode mode)
{
    return (query->flags & LQUERY_LOADS) &&
           (mode == LREAD_ALL || mode == LREAD_ONE || mode == LREAD_SINGLE);
}

// Runs `query`, a select, on the connection whose box is at `conn_box`, and
// leaves what `mode` says. Raises.
int lload_read(lua_State *L, int conn_box, const lquery *query,
               const dbc_args *args, lread_mode mode);

// Pushes a list of the next `most` rows (0: all), empty when there are none,
// or what to raise. LREAD_OK or LREAD_RAISE; never raises itself.
int lload_batch(lua_State *L, int conn_box, dbc_load *load, size_t most,
                lrow_nulls nulls);

// Adds what Lua asks about loads to the module at stack index `module`.
void lload_open(lua_State *L, int core, int module);

#endif
