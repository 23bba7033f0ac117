// Running queries: what ends a chain. all, one, single, value, list, rows,
// count, exists, run, to_sql, explain, prepare.
#ifndef DBC_LRUN_H
#define DBC_LRUN_H

#include "largs.h"
#include "lquery.h"
#include "lread.h"

// Adds the methods that run a query to the method table on the top.
void lrun_methods(lua_State *L, int core);

// Raises when the query at 1 gives no rows: "this update gives no rows: …".
void lrun_check_rows(lua_State *L, const lquery *query);

// What an insert answers where a select would be read like that.
int lrun_insert_answer(lread_mode mode);

// The NULLs of the query's rows.
static inline lrow_nulls lrun_nulls(const lquery *query)
{
    return query->flags & LQUERY_NULLS ? LROW_NULLS : LROW_NIL;
}

// Reads the arguments at `args` for the query at stack index `query`.
void lrun_read_args(lua_State *L, largs *out, int args, int handle, int query);

// Pushes { changes =, last_id = }; `last_id` only of an insert that brought
// rows into a table with rowids.
void lrun_push_result(lua_State *L, const lquery *query,
                      const dbc_result *result);

// Turns the statement of a query into a cursor and returns it as what a loop
// takes. Everything from stack index 1 to the top is kept as long.
int lrun_rows(lua_State *L, int handle, const lquery *query,
              const largs *given);

#endif
