// Values for the placeholders of a statement that has a plan.
#ifndef DBC_WORK_BIND_H
#define DBC_WORK_BIND_H

#include "stmt.h"
#include "suggest.h"

typedef struct dbc__bound {
    const dbc_value *values; // in the statement's scratch
    size_t count;
} dbc__bound;

// Gathers the values of `query`, of the policies that hold and of `args` (may
// be NULL) for a statement of its shape. They are good until the next time. A
// row that breaks a rule is refused; `out` is undefined then.
int dbc__bind_gather(dbc__bound *out, dbc_stmt *stmt, const dbc_query *query,
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
