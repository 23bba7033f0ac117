// Running an insert whose values are rows: one row, a list, an iterator.
#ifndef DBC_LINSERT_H
#define DBC_LINSERT_H

#include "largs.h"
#include "lquery.h"
#include "lread.h"

typedef enum linsert_answer {
    LINSERT_CHANGES, // { changes =, last_id = }
    LINSERT_ROWS,    // a list of the rows returned
    LINSERT_FIRST,   // the first of them, or nil
    LINSERT_ONLY,    // the only one; none or more is an error
    LINSERT_LIST,    // a list of their first outputs
    LINSERT_VALUE    // the first of those, or nil
} linsert_answer;

// Whether the query is one.
int linsert_has_rows(const lquery *query);

// Runs the insert at stack index 1 on the connection box at `conn_box` and
// pushes its answer. Several rows are one transaction or savepoint: a row that
// fails undoes them all and is named in the error.
void linsert_run(lua_State *L, int conn_box, const dbc_args *args,
                 linsert_answer answer);

// Whether the rows at `rows` are several: a list, or a function.
static inline int linsert_is_many(lua_State *L, int rows)
{
    return lua_isfunction(L, rows) ||
           (lua_istable(L, rows) && lua_rawlen(L, rows) > 0);
}

#endif
