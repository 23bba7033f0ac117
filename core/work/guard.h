// What stands before a write: the row as it is known, and the rules of its
// table. Values are judged where they are bound; this is for rows that fail,
// and for tables whose host has rules of its own.
#ifndef DBC_WORK_GUARD_H
#define DBC_WORK_GUARD_H

#include "plan_cache.h"

// What the plan's shape alone tells: which column an insert forgets.
void dbc__guard_prepare(dbc__plan *plan);

void dbc__guard_dispose(dbc__plan *plan);

// Whether each row has to be looked at as a whole.
static inline int dbc__guard_is_asked(const dbc__plan *plan)
{
    const dbc_table *table = plan->sql.table;

    if (plan->guard.missing) return 1;
    if (plan->sql.kind != DBC_INSERT && plan->sql.kind != DBC_UPDATE) return 0;
    return table && dbc_table_describe(table)->host.check;
}

// What is given for a parameter; 0 when nothing is.
typedef int (*dbc__guard_given)(const void *ud, const dbc_parameter *parameter,
                                dbc_value *out);

// Looks at the row that would be written, and at the one that a conflict would
// change. DBC_OK, or the connection has the error; of DBC_EVALIDATION the
// cache has the report.
int dbc__guard_check(dbc__plan *plan, dbc__guard_given given, const void *ud);

#endif
