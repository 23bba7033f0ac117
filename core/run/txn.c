// Transactions and savepoints. A handle holds no state but a number: the
// connection knows which number is open at each depth, so that a handle
// that is over, copied or from another time is told apart for certain.
// Whether a transaction is open is for the engine to say; it is asked.
#include "txn.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "stmt.h"
#include "untrusted.h"

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
    while (conn->depth > depth) {
        dbc__txn_level level = conn->txn_levels[--conn->depth];
        dbc__stmt_put_back(level.commit);
        dbc__stmt_put_back(level.rollback);
    }
    if (conn->txn_readonly > depth) conn->txn_readonly = 0;
}

// Takes the statement for `verb`, which deeper than 1 has a savepoint's name.
static int take_verb(dbc_stmt **out, dbc_conn *conn, const char *verb,
                     int depth)
{
    char sql[SAVEPOINT_LEN];

    if (depth == 1) return dbc__stmt_take(out, conn, verb, strlen(verb));
    snprintf(sql, sizeof sql, "%s dbcore_%d", verb, depth);
    return dbc__stmt_take(out, conn, sql, strlen(sql));
}

// The one that ends its own transaction is given back on the way: it must not
// be touched afterwards.
static int run(dbc_stmt *stmt)
{
    int rc;

    do
        rc = dbc_stmt_step(stmt);
    while (rc == DBC_ROW);
    return rc < 0 ? rc : DBC_OK;
}

// -------------------------------------------------------------------- begin

// Room for one more depth.
static int reserve_depth(dbc_conn *conn)
{
    size_t size = sizeof *conn->txn_levels;
    int cap = conn->txn_cap > 0 ? conn->txn_cap * 2 : FIRST_CAP;
    dbc__txn_level *levels;

    if (conn->depth < conn->txn_cap) return DBC_OK;
    levels =
        dbc__alloc_resize(conn->alloc, conn->txn_levels,
                          (size_t)conn->txn_cap * size, (size_t)cap * size);
    if (levels == NULL) return dbc__error_nomem(&conn->error);
    conn->txn_levels = levels;
    conn->txn_cap = cap;
    return DBC_OK;
}

// Whether one may begin here, and in which mode.
static int choose_mode(dbc_txn_mode *mode, dbc_conn *conn)
{
    int writes = *mode == DBC_TXN_IMMEDIATE || *mode == DBC_TXN_EXCLUSIVE;

    if (conn->depth > 0) {
        if (!writes || conn->txn_readonly == 0) return DBC_OK;
        return dbc__conn_fail(conn, DBC_EREADONLY, DBC__ONLY_READS);
    }
    if (dbc__txn_notice(conn))
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "a transaction that was begun with plain SQL is "
                              "open: end it with COMMIT or ROLLBACK first");
    if (*mode == DBC_TXN_DEFAULT)
        *mode = conn->readonly ? DBC_TXN_READ : DBC_TXN_IMMEDIATE;
    return DBC_OK;
}

// Begins the next depth and fills its level.
static int begin_level(dbc_txn_mode mode, dbc_conn *conn)
{
    dbc__txn_level level = {0};
    dbc_stmt *begin = NULL;
    int depth = conn->depth + 1;
    int is_first = depth == 1;
    int rc;

    rc = reserve_depth(conn);
    if (rc < 0) return rc;
    rc = take_verb(&level.commit, conn, is_first ? "COMMIT" : "RELEASE", depth);
    if (rc < 0) goto cleanup;
    rc = take_verb(&level.rollback, conn, is_first ? "ROLLBACK" : "ROLLBACK TO",
                   depth);
    if (rc < 0) goto cleanup;
    rc = take_verb(&begin, conn,
                   is_first ? conn->driver->begin_sql(mode) : "SAVEPOINT",
                   depth);
    if (rc < 0) goto cleanup;

    rc = run(begin);
    if (rc < 0) goto cleanup;
    level.serial = ++conn->txn_serial;
    conn->txn_levels[conn->depth++] = level;
    conn->in_txn = 1;
    level = (dbc__txn_level){0};

cleanup:
    dbc__stmt_put_back(begin);
    dbc__stmt_put_back(level.commit);
    dbc__stmt_put_back(level.rollback);
    return rc;
}

int dbc_txn_begin(dbc_txn *txn, dbc_conn *conn, dbc_txn_mode mode)
{
    int rc;

    *txn = (dbc_txn){conn, 0, 0};
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = dbc__untrusted_check_depth(conn);
    if (rc < 0) return rc;
    rc = choose_mode(&mode, conn);
    if (rc < 0) return rc;
    rc = begin_level(mode, conn);
    if (rc < 0) return rc;

    if (mode == DBC_TXN_READ && conn->txn_readonly == 0)
        conn->txn_readonly = conn->depth;
    txn->depth = conn->depth;
    txn->serial = conn->txn_serial;
    return DBC_OK;
}

// ---------------------------------------------------------------------- end

int dbc_txn_is_open(const dbc_txn *txn)
{
    const dbc_conn *conn = txn->conn;

    return conn != NULL && txn->depth > 0 && txn->depth <= conn->depth &&
           conn->txn_levels[txn->depth - 1].serial == txn->serial;
}

static int undo(dbc_conn *conn, int depth)
{
    const dbc__txn_level *level = &conn->txn_levels[depth - 1];
    int rc = run(level->rollback);

    // Back at the savepoint, which is still there.
    if (rc == DBC_OK && conn->depth >= depth && depth > 1)
        rc = run(level->commit);
    return rc;
}

static int break_conn(dbc_conn *conn)
{
    dbc_error cause = conn->error;

    conn->broken = "a rollback failed";
    dbc__txn_close_above(conn, 0);
    dbc__conn_fail(conn, DBC_EBROKEN,
                   "the rollback failed (%s): close the connection",
                   cause.message);
    conn->error.native = cause.native;
    return DBC_EBROKEN;
}

// Rolls back to before `depth`, or breaks the connection. A time limit is for
// work, not for its undoing; and whatever else runs has to give way when it
// stands in the way of it (a pending interrupt lasts as long as one does).
static int roll_back(dbc_conn *conn, int depth)
{
    int64_t deadline_ns = conn->order.budget.deadline_ns;
    int timeout_ms = conn->timeout_ms;
    int rc;

    conn->timeout_ms = 0;
    conn->order.budget.deadline_ns = 0;
    rc = undo(conn, depth);
    if (rc < 0 && conn->depth >= depth) {
        dbc__stmt_abort_all(conn);
        rc = undo(conn, depth);
    }
    conn->timeout_ms = timeout_ms;
    conn->order.budget.deadline_ns = deadline_ns;
    // Asked to undo a part, an engine in trouble may undo the whole: that is
    // not what was asked for, and whoever holds the outer one has to know.
    if (!dbc__txn_notice(conn)) return depth > 1 ? rc : DBC_OK;
    if (rc < 0) return break_conn(conn);
    dbc__txn_close_above(conn, depth - 1);
    return DBC_OK;
}

// Whoever ends the outermost handle has noticed that its transaction is lost.
static void forgive(const dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;

    if (conn != NULL && txn->serial != 0 && conn->lost == txn->serial)
        conn->lost = 0;
}

int dbc_txn_rollback(dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;
    dbc_error cause;
    int rc;

    if (!dbc_txn_is_open(txn)) {
        forgive(txn);
        return DBC_OK;
    }
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;

    // One rolls back because of an error: it must still be there to read.
    cause = conn->error;
    rc = roll_back(conn, txn->depth);
    forgive(txn);
    if (rc == DBC_OK) conn->error = cause;
    return rc;
}

static int refuse_over(const dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;

    if (conn == NULL) return DBC_ECLOSED;
    forgive(txn);
    return dbc__conn_fail(conn, DBC_ECLOSED, "the transaction is over");
}

// An engine that could not write says so once: a second COMMIT might be told
// that all is well by a system that has dropped the pages by then. Nor can
// what this connection still holds in memory be trusted.
static int commit_failed(dbc_conn *conn, int rc)
{
    dbc_error cause = conn->error;

    if (rc != DBC_EIO) return rc;
    if (conn->depth > 0 && roll_back(conn, 1) < 0) return DBC_EBROKEN;
    conn->broken = "a commit could not be written to the disk";
    conn->error = cause;
    conn->error.rolled_back = 1;
    return rc;
}

int dbc_txn_commit(dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;
    int rc;

    if (!dbc_txn_is_open(txn)) return refuse_over(txn);
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    if (conn->depth > txn->depth)
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "an inner transaction is still open: end it "
                              "first");

    rc = run(conn->txn_levels[txn->depth - 1].commit);
    if (rc < 0) {
        rc = commit_failed(conn, rc);
        forgive(txn);
        return rc;
    }
    dbc__txn_close_above(conn, txn->depth - 1);
    conn->in_txn = conn->depth > 0;
    return DBC_OK;
}

int dbc_conn_depth(const dbc_conn *conn)
{
    return conn->depth;
}
