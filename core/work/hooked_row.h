// One row of a write that the host stands around: what the query says of it is
// shown to the hooks, filled, written as a query for that row alone, and shown
// again.
#ifndef DBC_WORK_HOOKED_ROW_H
#define DBC_WORK_HOOKED_ROW_H

#include "hook.h"
#include "returned.h"

// A write while it is taken apart.
typedef struct dbc__hooked {
    dbc_conn *conn;
    const dbc_table *table; // one reference
    dbc_query_kind kind;
    const dbc_query *query;
    const dbc_args *args;
    const dbc__plan *plan; // not behind a hook that closed the connection
    dbc__hook *hook;       // one use, or NULL: only columns are filled
    dbc_txn txn;
    dbc__returned *answer; // or NULL: rows are dropped
    dbc__arena memory;     // of the row at work
    dbc_write write;
    dbc_result result;
} dbc__hooked;

// Each returns DBC_OK, or the connection has the error.

// Does one row, of which `old` is known, or NULL.
int dbc__hooked_row(dbc__hooked *h, const dbc_value *old);

// Begins and ends the row at work, for who wants to know what the query says
// of it: it is in `h->write`.
int dbc__hooked_begin_row(dbc__hooked *h);
int dbc__hooked_read_row(dbc__hooked *h);
void dbc__hooked_end_row(dbc__hooked *h);

// Runs a query that writes in place of the one at work, and takes its result.
int dbc__hooked_run_other(dbc__hooked *h, const dbc_query *query);

// What the engine gives has as many columns as was asked for, or it is another
// schema than was thought.
int dbc__hooked_check_width(const dbc__hooked *h, const dbc_stmt *stmt,
                            size_t due);

int dbc__hooked_nomem(const dbc__hooked *h); // DBC_ENOMEM

#endif
