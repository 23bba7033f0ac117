// What the rest of the hall needs to know of how a query is run.
#ifndef DBC_WORK_EXEC_H
#define DBC_WORK_EXEC_H

#include "plan_cache.h"
#include "suggest.h"

// The plan of the query's shape, made when it is new. Lend a statement of it
// at once: one that found no place in the cache ends with its last statement.
int dbc__query_find_plan(dbc__plan **out, dbc_conn *conn,
                         const dbc_query *query);

// As dbc_query_repeat(), with the number of the last row. `out` is filled when
// all went well, else undefined.
int dbc__query_repeat(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
                      const dbc_args *args);

// What is given for a parameter, as it was given. 0 when it is not given, or is
// a policy's. A slot's index is below `args->slot_count`.
int dbc__query_given(dbc_value *out, const dbc_query *query,
                     const dbc_args *args, const dbc_parameter *parameter);

// What is said of an argument that no parameter asks for, and of a parameter
// without one. Both return DBC_EINVALID.
int dbc__query_refuse_arg(dbc_conn *conn, const char *name,
                          const dbc__suggest *suggest);
int dbc__query_refuse_missing(dbc_conn *conn, const char *name);

// The same of a slot that got no value of the `count` there are.
int dbc__query_refuse_slot(dbc_conn *conn, const dbc_parameter *parameter,
                           size_t count);

#endif
