// Writes that the host stands around: hooks of their table, and columns that
// only the host can fill. Each is taken apart into rows (rowwise.h), which are
// shown, changed, written and shown again, in one transaction.
#ifndef DBC_WORK_HOOKED_H
#define DBC_WORK_HOOKED_H

#include "plan_cache.h"

// Whether the write of `query`, for whose plan `stmt` was lent, is one.
int dbc__hooked_is_due(const dbc_stmt *stmt, const dbc_query *query);

// Does it now; rows that it returns are dropped.
int dbc__hooked_run(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
                    const dbc_args *args);

// Does it when `stmt` is stepped first.
int dbc__hooked_open(dbc_stmt *stmt, const dbc_query *query,
                     const dbc_args *args);

#endif
