// Work that is not trusted: what the other files of this layer ask before they
// do it. Without a guard each of these is one comparison.
#ifndef DBC_RUN_UNTRUSTED_H
#define DBC_RUN_UNTRUSTED_H

#include "conn.h"

struct dbc_guard {
    const dbc_alloc *alloc;
    size_t size;    // of the whole block: the texts lie behind
    uint64_t realm; // a hash of the rules, never 0
    dbc_guard_rules rules;
};

// The slow halves.
int dbc__untrusted_refuse_lend(dbc_conn *conn);
int dbc__untrusted_refuse_text(dbc_conn *conn, int steers);
int dbc__untrusted_refuse_depth(dbc_conn *conn);
int dbc__untrusted_refuse_rows(dbc_conn *conn);

// May one more statement be lent?
static inline int dbc__untrusted_check_lend(dbc_conn *conn)
{
    if (conn->guard == NULL ||
        conn->guarded_live < conn->guard->rules.statements)
        return DBC_OK;
    return dbc__untrusted_refuse_lend(conn);
}

// May a statement be run that came as text? `steers`: it may begin or end a
// transaction.
static inline int dbc__untrusted_check_text(dbc_conn *conn, int steers)
{
    if (conn->guard == NULL) return DBC_OK;
    return dbc__untrusted_refuse_text(conn, steers);
}

// May one more transaction begin?
static inline int dbc__untrusted_check_depth(dbc_conn *conn)
{
    if (conn->guard == NULL || conn->depth < conn->guard->rules.depth)
        return DBC_OK;
    return dbc__untrusted_refuse_depth(conn);
}

#endif
