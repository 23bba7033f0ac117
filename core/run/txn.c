// Transactions and savepoints. A handle holds no state but a number: the
// connection knows which numbers are open at each depth, so that a handle
// that is over, copied or from another time is told apart for certain.
// Whether a transaction is open is for the engine to say; it is asked.
#include "txn.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "stmt.h"

enum {
    FIRST_CAP = 8,     // depths
    SAVEPOINT_LEN = 96 // bytes of the longest text about a savepoint
};

int dbc__txn_notice(dbc_conn *conn)
{
    conn->in_txn = conn->driver->in_txn(conn->db);
    if (!conn->in_txn && conn->depth > 0) dbc__txn_close_above(conn, 0);
    return conn->in_txn;
}

void dbc__txn_close_above(dbc_conn *conn, int depth)
{
    conn->depth = depth;
    if (conn->txn_readonly > depth) conn->txn_readonly = 0;
}

// Through the cache: after the first time, none of these is prepared again.
static int run_sql(dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));

    if (rc < 0) return rc;
    do
        rc = dbc_stmt_step(stmt);
    while (rc == DBC_ROW);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

static int run_savepoint(dbc_conn *conn, const char *verb, int depth)
{
    char sql[SAVEPOINT_LEN];

    snprintf(sql, sizeof sql, "%s dbcore_%d", verb, depth);
    return run_sql(conn, sql);
}

// -------------------------------------------------------------------- begin

// Room for one more depth, taken before anything is begun.
static int reserve_depth(dbc_conn *conn)
{
    size_t size = sizeof *conn->txn_serials;
    int cap = conn->txn_cap > 0 ? conn->txn_cap * 2 : FIRST_CAP;
    uint64_t *serials;

    if (conn->depth < conn->txn_cap) return DBC_OK;
    serials =
        dbc__alloc_resize(conn->alloc, conn->txn_serials,
                          (size_t)conn->txn_cap * size, (size_t)cap * size);
    if (serials == NULL) return dbc__error_nomem(&conn->error);
    conn->txn_serials = serials;
    conn->txn_cap = cap;
    return DBC_OK;
}

static int begin_outermost(dbc_conn *conn, dbc_txn_mode mode)
{
    int rc;

    if (dbc__txn_notice(conn))
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "a transaction that was begun with plain SQL is "
                              "open: end it with COMMIT or ROLLBACK first");
    rc = run_sql(conn, conn->driver->begin_sql(mode));
    if (rc < 0) return rc;
    conn->in_txn = 1;
    return DBC_OK;
}

static int begin_inner(dbc_conn *conn, dbc_txn_mode mode)
{
    int writes = mode == DBC_TXN_IMMEDIATE || mode == DBC_TXN_EXCLUSIVE;

    if (writes && conn->txn_readonly > 0)
        return dbc__conn_fail(conn, DBC_EREADONLY, DBC__ONLY_READS);
    return run_savepoint(conn, "SAVEPOINT", conn->depth + 1);
}

int dbc_txn_begin(dbc_txn *txn, dbc_conn *conn, dbc_txn_mode mode)
{
    int rc;

    *txn = (dbc_txn){conn, 0, 0};
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = reserve_depth(conn);
    if (rc < 0) return rc;

    if (conn->depth > 0) {
        rc = begin_inner(conn, mode);
    } else {
        if (mode == DBC_TXN_DEFAULT)
            mode = conn->readonly ? DBC_TXN_READ : DBC_TXN_IMMEDIATE;
        rc = begin_outermost(conn, mode);
    }
    if (rc < 0) return rc;

    conn->depth++;
    if (mode == DBC_TXN_READ && conn->txn_readonly == 0)
        conn->txn_readonly = conn->depth;
    txn->depth = conn->depth;
    txn->serial = ++conn->txn_serial;
    conn->txn_serials[txn->depth - 1] = txn->serial;
    return DBC_OK;
}

// ---------------------------------------------------------------------- end

int dbc_txn_is_open(const dbc_txn *txn)
{
    const dbc_conn *conn = txn->conn;

    return conn != NULL && txn->depth > 0 && txn->depth <= conn->depth &&
           conn->txn_serials[txn->depth - 1] == txn->serial;
}

// The plainest way back, for when the other one failed: nothing runs beside
// it, and no memory of ours is needed.
static int undo_plainly(dbc_conn *conn, int depth)
{
    char sql[SAVEPOINT_LEN];

    dbc__stmt_abort_all(conn);
    if (depth == 1)
        snprintf(sql, sizeof sql, "ROLLBACK");
    else
        snprintf(sql, sizeof sql, "ROLLBACK TO dbcore_%d; RELEASE dbcore_%d",
                 depth, depth);
    return conn->driver->exec(conn->db, sql, strlen(sql), &conn->error);
}

static int undo(dbc_conn *conn, int depth)
{
    int rc;

    if (depth == 1) return run_sql(conn, "ROLLBACK");
    rc = run_savepoint(conn, "ROLLBACK TO", depth);
    if (rc < 0) return rc;
    return run_savepoint(conn, "RELEASE", depth);
}

// Rolls back to before `depth`, or breaks the connection. A time limit is for
// work, not for its undoing.
static int roll_back(dbc_conn *conn, int depth)
{
    int timeout_ms = conn->timeout_ms;
    int rc;

    conn->timeout_ms = 0;
    rc = undo(conn, depth);
    if (rc < 0 && dbc__txn_notice(conn)) {
        dbc__conn_aim(conn, 0);
        rc = undo_plainly(conn, depth);
    }
    conn->timeout_ms = timeout_ms;
    if (!dbc__txn_notice(conn)) return DBC_OK;
    if (rc < 0) {
        dbc_error cause = conn->error;
        conn->broken = 1;
        dbc__txn_close_above(conn, 0);
        dbc__conn_fail(conn, DBC_EBROKEN,
                       "the rollback failed (%s): close the connection",
                       cause.message);
        conn->error.native = cause.native;
        return DBC_EBROKEN;
    }
    dbc__txn_close_above(conn, depth - 1);
    return DBC_OK;
}

int dbc_txn_rollback(dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;
    dbc_error cause;
    int rc;

    if (!dbc_txn_is_open(txn)) return DBC_OK;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;

    // One rolls back because of an error: it must still be there to read.
    cause = conn->error;
    rc = roll_back(conn, txn->depth);
    if (rc == DBC_OK) conn->error = cause;
    return rc;
}

static int refuse_over(dbc_conn *conn)
{
    if (conn == NULL) return DBC_ECLOSED;
    return dbc__conn_fail(conn, DBC_ECLOSED, "the transaction is over");
}

// An engine that could not write says so once: a second COMMIT might be told
// that all is well by a system that has dropped the pages by then.
static int commit_failed(dbc_conn *conn, int rc)
{
    dbc_error cause = conn->error;

    if (rc != DBC_EIO || conn->depth == 0) return rc;
    if (roll_back(conn, 1) < 0) return DBC_EBROKEN;
    conn->error = cause;
    conn->error.rolled_back = 1;
    return rc;
}

int dbc_txn_commit(dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;
    int rc;

    if (!dbc_txn_is_open(txn)) return refuse_over(conn);
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    if (conn->depth > txn->depth)
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "an inner transaction is still open: end it "
                              "first");

    if (txn->depth > 1)
        rc = run_savepoint(conn, "RELEASE", txn->depth);
    else
        rc = run_sql(conn, "COMMIT");
    if (rc < 0) return commit_failed(conn, rc);
    dbc__txn_close_above(conn, txn->depth - 1);
    conn->in_txn = conn->depth > 0;
    return DBC_OK;
}

int dbc_conn_depth(const dbc_conn *conn)
{
    return conn->depth;
}
