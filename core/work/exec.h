// What the rest of the hall needs to know of how a query is run.
#ifndef DBC_WORK_EXEC_H
#define DBC_WORK_EXEC_H

#include "plan_cache.h"

// The plan of the query's shape, made when it is new. Lend a statement of it
// at once: one that found no place in the cache ends with its last statement.
int dbc__query_find_plan(dbc__plan **out, dbc_conn *conn,
                         const dbc_query *query);

// Lends a statement of that plan, which nothing is bound to.
int dbc__query_lend(dbc_stmt **out, dbc_conn *conn, const dbc_query *query);

// As dbc_query_repeat(), with the number of the last row. `out` is filled when
// all went well, else undefined.
int dbc__query_repeat(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
                      const dbc_args *args);

#endif
