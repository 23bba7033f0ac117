// An insert whose rows come back as they were given needs no RETURNING: what
// it answers is known when the row was taken. An engine collects returned
// rows in a table of its own first, which costs more than the insert.
#ifndef DBC_WORK_ECHO_H
#define DBC_WORK_ECHO_H

#include "stmt.h"
#include "tree.h"

typedef struct dbc__echo_plan {
    dbc_sql sql;      // owned: the insert without its RETURNING
    dbc__echo answer; // owned: `sources` has `count` items
} dbc__echo_plan;

// The echo of the query `shape`, which was compiled to `sql`; NULL in `*out`
// when the database may answer something else than what it is given: a column
// that the row leaves out and is no rowid, one that is generated, whose type
// converts, or that replaces values; a trigger; ON CONFLICT.
//
// Returns DBC_OK or DBC_ENOMEM.
int dbc__echo_plan_new(dbc__echo_plan **out, const dbc_query *shape,
                       const dbc_sql *sql, const dbc_dialect *dialect,
                       const dbc_alloc *alloc);
void dbc__echo_plan_free(dbc__echo_plan *plan, const dbc_alloc *alloc);

#endif
