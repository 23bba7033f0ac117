// Running a query: the one place that sees both wings. A plan by shape, or a
// new one; a statement of the plan; its values bound.
#include "exec.h"

#include "bind.h"
#include "error.h"
#include "hooked.h"

int dbc__query_find_plan(dbc__plan **out, dbc_conn *conn,
                         const dbc_query *query)
{
    int rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    if (query->status < 0) {
        dbc__error_clear(&conn->error);
        dbc_query_status(query, &conn->error);
        return query->status;
    }
    dbc__plan_cache *cache = dbc__plan_cache_of(conn);
    if (!cache) return dbc__error_nomem(&conn->error);

    dbc__plan *plan = dbc__plan_cache_find(cache, query);
    if (plan) {
        conn->stats.shape_hits++;
        *out = plan;
        return DBC_OK;
    }
    conn->stats.shape_misses++;
    return dbc__plan_cache_add(out, cache, query);
}

int dbc__query_lend(dbc_stmt **out, dbc_conn *conn, const dbc_query *query)
{
    dbc__plan *plan;
    int rc = dbc__query_find_plan(&plan, conn, query);

    return rc < 0 ? rc : dbc__plan_lend(out, plan);
}

// Gives a statement back that could not be run. The error of that stays.
static int give_up(dbc_stmt *stmt, int rc)
{
    dbc_conn *conn = stmt->conn;
    dbc_error err = conn->error;

    dbc_stmt_release(stmt);
    conn->error = err;
    return rc;
}

// Its places for values are those of its own query. The hash of a shape is
// enough: this finds a slip, no two queries are taken for one another by it.
static int check_query(const dbc_stmt *stmt, const dbc_query *query)
{
    const dbc__plan *plan = stmt->home_ud;

    if (!stmt->handle)
        return dbc__conn_fail(stmt->conn, DBC_ECLOSED,
                              "the statement is closed");
    if (!stmt->layout)
        return dbc__conn_fail(stmt->conn, DBC_EINVALID,
                              "the statement was made from SQL text: give it "
                              "values with dbc_stmt_bind()");
    if (query->status < 0) {
        dbc__error_clear(&stmt->conn->error);
        return dbc_query_status(query, &stmt->conn->error);
    }
    if (query->hash == plan->shape->hash) return DBC_OK;
    return dbc__conn_fail(stmt->conn, DBC_EINVALID,
                          "the statement was opened for a query of another "
                          "shape: open this one");
}

// ------------------------------------------------------------------ running

int dbc_query_reopen(dbc_stmt *stmt, const dbc_query *query,
                     const dbc_args *args)
{
    dbc__bound bound;

    int rc = check_query(stmt, query);
    if (rc < 0) return rc;
    dbc__stmt_end_replay(stmt);
    if (dbc__hooked_is_due(stmt, query))
        return dbc__hooked_open(stmt, query, args);
    rc = dbc__bind_gather(&bound, stmt, query, args);
    if (rc < 0) return rc;
    return dbc_stmt_bind(stmt, bound.values, bound.count);
}

int dbc_query_open(dbc_stmt **out, dbc_conn *conn, const dbc_query *query,
                   const dbc_args *args)
{
    dbc_stmt *stmt;

    int rc = dbc__query_lend(&stmt, conn, query);
    if (rc < 0) return rc;
    rc = dbc_query_reopen(stmt, query, args);
    if (rc < 0) return give_up(stmt, rc);
    *out = stmt;
    return DBC_OK;
}

int dbc__query_repeat(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
                      const dbc_args *args)
{
    dbc__bound bound;

    int rc = check_query(stmt, query);
    if (rc < 0) return rc;
    dbc__stmt_end_replay(stmt);
    if (dbc__hooked_is_due(stmt, query))
        return dbc__hooked_run(out, stmt, query, args);
    rc = dbc__bind_gather(&bound, stmt, query, args);
    if (rc < 0) return rc;
    rc = dbc_stmt_run(stmt, bound.values, bound.count, &out->changes);
    out->last_rowid = dbc_conn_last_rowid(stmt->conn);
    return rc;
}

int dbc_query_repeat(dbc_stmt *stmt, const dbc_query *query,
                     const dbc_args *args, int64_t *changes)
{
    dbc_result result = {0, 0};
    int rc = dbc__query_repeat(&result, stmt, query, args);

    if (rc >= 0 && changes) *changes = result.changes;
    return rc;
}

int dbc_query_run(dbc_result *out, dbc_conn *conn, const dbc_query *query,
                  const dbc_args *args)
{
    dbc_result result = {0, 0};
    dbc_stmt *stmt;

    int rc = dbc__query_lend(&stmt, conn, query);
    if (rc < 0) return rc;
    rc = dbc__query_repeat(&result, stmt, query, args);
    if (rc < 0) return give_up(stmt, rc);
    dbc_stmt_release(stmt);
    if (out) *out = result;
    return DBC_OK;
}

int dbc_query_prepare(dbc_conn *conn, const dbc_query *query)
{
    dbc_stmt *stmt;

    int rc = dbc__query_lend(&stmt, conn, query);
    if (rc < 0) return rc;
    dbc_stmt_release(stmt);
    return DBC_OK;
}

int dbc_query_plan(const dbc_sql **out, dbc_conn *conn, const dbc_query *query)
{
    dbc__plan *plan;
    int rc = dbc__query_find_plan(&plan, conn, query);
    if (rc < 0) return rc;
    dbc__plan_cache_keep_loose(plan->cache, plan);
    *out = &plan->sql;
    return DBC_OK;
}
