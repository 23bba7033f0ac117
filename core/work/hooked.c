// One hooked write, from the query to its rows. An update or delete reads the
// rows that it means first; an insert that is more than one row is
// hooked_insert.c's. What is done with one row is hooked_row.c's.
#include "hooked.h"

#include "alloc.h"
#include "error.h"
#include "exec.h"
#include "hooked_insert.h"
#include "hooked_row.h"
#include "txn.h"

// What a statement gives instead of the engine's rows.
typedef struct replay {
    dbc__replay base;
    const dbc_query *query; // borrowed, as is what `args` points to
    dbc_args args;
    dbc__returned rows;
} replay;

static int is_write(dbc_query_kind kind)
{
    return kind == DBC_INSERT || kind == DBC_UPDATE || kind == DBC_DELETE;
}

int dbc__hooked_is_due(const dbc_stmt *stmt, const dbc_query *query)
{
    const dbc__plan *plan = stmt->home_ud;

    if (query->is_unhooked || !is_write(plan->sql.kind)) return 0;
    if (plan->guard.is_filled) return 1;
    return plan->cache->hooks &&
           dbc__hook_find(plan->cache, plan->sql.table) != NULL;
}

// -------------------------------------------------------------------- all rows

// The rows that are meant, all of them read before the first hook is called.
static int read_old(const dbc__hooked *h, dbc__returned *rows)
{
    dbc_args args = {h->args->named, h->args->named_count, NULL, 0};
    dbc_query *query = dbc__rowwise_select(h->query, h->conn->alloc);
    size_t count = dbc_table_column_count(h->table);
    dbc_stmt *stmt = NULL;
    dbc_error err;
    int rc;

    if (!query) return dbc__hooked_nomem(h);
    rc = dbc_query_open(&stmt, h->conn, query, &args);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        rc = dbc__hooked_check_width(h, stmt, count);
        if (rc >= 0 && dbc__returned_add(rows, dbc_stmt_row(stmt), count) < 0)
            rc = dbc__hooked_nomem(h);
    }
    err = h->conn->error;
    dbc_stmt_release(stmt);
    dbc_query_free(query);
    h->conn->error = err;
    return rc < 0 ? rc : DBC_OK;
}

static int work_on_each(dbc__hooked *h)
{
    size_t count = dbc_table_column_count(h->table);
    dbc__returned rows;
    int rc;

    dbc__returned_init(&rows, h->conn->alloc);
    rc = read_old(h, &rows);
    for (size_t at = 0; rc == DBC_OK && at < rows.used; at += count)
        rc = dbc__hooked_row(h, rows.rows + at);
    dbc__returned_dispose(&rows);
    return rc;
}

static int finish(dbc__hooked *h, int rc)
{
    dbc_error err = h->conn->error;

    if (rc >= 0) {
        rc = dbc_txn_commit(&h->txn);
        if (rc >= 0) return DBC_OK;
        err = h->conn->error;
    }
    dbc_txn_rollback(&h->txn);
    h->conn->error = err;
    return rc;
}

static int run_hooked(dbc__hooked *h)
{
    int rc;

    if (h->conn->txn_readonly > 0)
        return dbc__conn_fail(h->conn, DBC_EREADONLY, DBC__ONLY_READS);
    rc = dbc_txn_begin(&h->txn, h->conn, DBC_TXN_DEFAULT);
    if (rc < 0) return rc;
    if (h->kind != DBC_INSERT)
        rc = work_on_each(h);
    else if (dbc__hooked_is_plain(h->query))
        rc = dbc__hooked_row(h, NULL);
    else
        rc = dbc__hooked_insert(h);
    return finish(h, rc);
}

static int run(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
               const dbc_args *args, dbc__returned *answer)
{
    static const dbc_args none = {NULL, 0, NULL, 0};
    const dbc__plan *plan = stmt->home_ud;
    dbc__hooked h = {.conn = stmt->conn,
                     .kind = plan->sql.kind,
                     .query = query,
                     .args = args ? args : &none,
                     .plan = plan,
                     .answer = answer};
    int rc;

    h.table = dbc_table_retain(plan->sql.table);
    h.hook = dbc__hook_find(plan->cache, h.table);
    if (h.hook) dbc__hook_retain(h.hook);
    rc = h.hook ? run_hooked(&h) : dbc__hooked_row(&h, NULL);
    dbc__hook_release(h.hook);
    dbc_table_release(h.table);
    if (rc >= 0 && out) *out = h.result;
    return rc;
}

int dbc__hooked_run(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
                    const dbc_args *args)
{
    return run(out, stmt, query, args, NULL);
}

// --------------------------------------------------------------- as a
// statement

static int make_rows(dbc_stmt *stmt, dbc__replay *base)
{
    replay *r = (replay *)base;
    int rc;

    dbc__returned_dispose(&r->rows);
    base->rows = NULL;
    base->count = 0;
    rc = run(NULL, stmt, r->query, &r->args, &r->rows);
    if (rc < 0) return rc;
    base->rows = r->rows.rows;
    if (stmt->column_count) base->count = r->rows.used / stmt->column_count;
    return DBC_OK;
}

static void free_replay(dbc__replay *base)
{
    replay *r = (replay *)base;

    dbc__returned_dispose(&r->rows);
    dbc__alloc_free(r->rows.alloc, r, sizeof *r);
}

int dbc__hooked_open(dbc_stmt *stmt, const dbc_query *query,
                     const dbc_args *args)
{
    const dbc_alloc *alloc = stmt->conn->alloc;
    replay *r = dbc__alloc_zero(alloc, 1, sizeof *r);

    if (!r) return dbc__conn_fail(stmt->conn, DBC_ENOMEM, "out of memory");
    r->base.make = make_rows;
    r->base.free = free_replay;
    r->query = query;
    if (args) r->args = *args;
    dbc__returned_init(&r->rows, alloc);
    stmt->replay = &r->base;
    return DBC_OK;
}
