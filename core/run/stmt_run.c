// Binding, stepping and resetting a lent statement. A run, from the first step
// to the reset, is started and ended in one place each; between them every
// call is one call of the driver.
#include "stmt.h"

#include "clock.h"
#include "error.h"
#include "txn.h"
#include "untrusted.h"

// The slow half of check_ready(): why not, or that it may after all.
static int explain_refusal(dbc_stmt *stmt)
{
    dbc_conn *conn = stmt->conn;
    int rc;

    if (stmt->handle == NULL)
        return dbc__conn_fail(conn, DBC_ECLOSED,
                              "the statement ended with its connection");
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    if (conn->txn_readonly > 0 && !stmt->readonly)
        return dbc__conn_fail(conn, DBC_EREADONLY, DBC__ONLY_READS);
    return DBC_OK;
}

static int check_ready(dbc_stmt *stmt)
{
    const dbc_conn *conn = stmt->conn;

    if (stmt->handle != NULL && conn->broken == NULL && conn->lost == 0 &&
        conn->txn_readonly == 0 && !dbc__fork_guard_is_child(&conn->fork))
        return DBC_OK;
    return explain_refusal(stmt);
}

static int64_t start_clock(const dbc_conn *conn)
{
    return conn->observe != NULL ? dbc__clock_ns() : 0;
}

static void stop_clock(dbc_stmt *stmt, int64_t started)
{
    if (started != 0) stmt->engine_ns += dbc__clock_ns() - started;
}

static void report(dbc_stmt *stmt, int status)
{
    dbc_event event = {stmt->sql,       stmt->sql_len, stmt->hash,
                       stmt->engine_ns, stmt->rows,    status};

    dbc__conn_report(stmt->conn, &event);
}

static int refuse_unbound(dbc_stmt *stmt)
{
    size_t count = stmt->parameter_count;

    return dbc__conn_fail(stmt->conn, DBC_EINVALID,
                          "the SQL text has %zu placeholder%s, but nothing is "
                          "bound: bind one value for each",
                          count, count == 1 ? "" : "s");
}

static int refuse_count(dbc_stmt *stmt, size_t given)
{
    size_t count = stmt->parameter_count;

    return dbc__conn_fail(stmt->conn, DBC_EINVALID,
                          "the SQL text has %zu placeholder%s, but %zu value%s "
                          "given: bind one value for each",
                          count, count == 1 ? "" : "s", given,
                          given == 1 ? " is" : "s are");
}

static int start_run(dbc_stmt *stmt)
{
    dbc_conn *conn = stmt->conn;
    int rc = check_ready(stmt);

    if (rc < 0) return rc;
    if (!stmt->bound) return refuse_unbound(stmt);
    if (stmt->aborted) {
        stmt->aborted = 0;
        return dbc__conn_fail(conn, DBC_EINTERRUPTED,
                              "a rollback stopped the statement before its "
                              "last row");
    }
    stmt->active = 1;
    stmt->run = ++conn->runs;
    stmt->rows = 0;
    stmt->deadline_ns = dbc__conn_deadline(conn);
    conn->stats.statements++;
    return DBC_OK;
}

void dbc__stmt_end_run(dbc_stmt *stmt, int status)
{
    dbc_conn *conn = stmt->conn;

    // In the child of a fork the run belongs to the parent.
    if (!dbc__fork_guard_is_child(&conn->fork))
        conn->driver->reset(stmt->handle);
    stmt->active = 0;
    conn->stats.rows += stmt->rows;
    if (conn->observe != NULL) report(stmt, status);
    stmt->engine_ns = 0;
}

// What is left to do when the engine is through with a run. A statement that
// ended a transaction may be gone itself when this returns.
static int settle(dbc_stmt *stmt, int rc)
{
    const dbc__stmt_home *home = stmt->home;

    if (rc < 0) {
        if (home != NULL && home->explain != NULL)
            home->explain(stmt->home_ud, &stmt->conn->error);
        return dbc__conn_failed(stmt->conn, rc);
    }
    if (stmt->steers) dbc__txn_notice(stmt->conn);
    return rc;
}

// The schema changed since the statement was prepared: the row that is ready
// has another number of columns and has not been read.
static int read_changed_row(dbc_stmt *stmt, size_t count)
{
    dbc_conn *conn = stmt->conn;

    if (dbc__stmt_resize_row(stmt, count) < 0) {
        dbc__stmt_end_run(stmt, DBC_ENOMEM);
        dbc__error_nomem(&conn->error);
        return dbc__conn_failed(conn, DBC_ENOMEM);
    }
    conn->driver->row(stmt->handle, stmt->row, count);
    return DBC_ROW;
}

// The budget of a guard is used up.
static int refuse_rows(dbc_stmt *stmt)
{
    dbc__stmt_end_run(stmt, DBC_ELIMIT);
    return dbc__untrusted_refuse_rows(stmt->conn);
}

// The row that an echo will answer with; its texts are the caller's.
static void keep_given(dbc_stmt *stmt, const dbc_value *values)
{
    const dbc__echo *echo = stmt->echo;

    for (size_t i = 0; i < echo->count; i++)
        stmt->row[i] = echo->sources[i] == DBC__ECHO_NONE
                           ? dbc_value_null()
                           : values[echo->sources[i]];
    stmt->unnumbered = echo->rowid != DBC__ECHO_NONE &&
                       stmt->row[echo->rowid].type == DBC_NULL;
}

// The engine took the row, unless a trigger of the file told it to ignore it.
static int answer_echo(dbc_stmt *stmt)
{
    const dbc_conn *conn = stmt->conn;

    if (conn->driver->changes(conn->db) != 1) return 0;
    if (stmt->unnumbered)
        stmt->row[stmt->echo->rowid] =
            dbc_value_int(conn->driver->last_rowid(conn->db));
    stmt->echoed = 1;
    stmt->rows++;
    return 1;
}

// ------------------------------------------------------------------- replays

void dbc__stmt_end_replay(dbc_stmt *stmt)
{
    dbc__replay *replay = stmt->replay;

    stmt->replay = NULL;
    if (replay != NULL) replay->free(replay);
}

static int refuse_values(dbc_stmt *stmt)
{
    return dbc__conn_fail(stmt->conn, DBC_EINVALID,
                          "hooks stand around this write: give it its "
                          "arguments with dbc_query_reopen()");
}

// As with an engine, stepping behind the end begins anew.
static int step_replay(dbc_stmt *stmt)
{
    dbc__replay *replay = stmt->replay;
    size_t count = stmt->column_count;
    int rc = check_ready(stmt);

    if (rc < 0) return rc;
    if (!replay->is_made) {
        rc = replay->make(stmt, replay);
        if (rc < 0) return rc;
        replay->is_made = 1;
        replay->at = 0;
    }
    if (replay->at == replay->count) {
        replay->is_made = 0;
        return DBC_DONE;
    }
    for (size_t i = 0; i < count; i++)
        stmt->row[i] = replay->rows[replay->at * count + i];
    replay->at++;
    return DBC_ROW;
}

// Ends what the statement did last, if it takes `count` values.
static inline int begin_values(dbc_stmt *stmt, size_t count)
{
    int rc = check_ready(stmt);

    if (rc < 0) return rc;
    if (stmt->replay != NULL) return refuse_values(stmt);
    if (count != stmt->parameter_count) return refuse_count(stmt, count);
    if (stmt->active) dbc__stmt_end_run(stmt, DBC_ROW);
    stmt->aborted = 0;
    stmt->echoed = 0;
    return DBC_OK;
}

// --------------------------------------------------------------------- public

int dbc_stmt_bind(dbc_stmt *stmt, const dbc_value *values, size_t count)
{
    dbc_conn *conn = stmt->conn;
    int64_t started;
    int rc;

    rc = begin_values(stmt, count);
    if (rc < 0) return rc;
    if (count == 0) return DBC_OK;

    stmt->bound = 0;
    stmt->engine_ns = 0;
    started = start_clock(conn);
    rc = conn->driver->bind(stmt->handle, values, count, &conn->error);
    stop_clock(stmt, started);
    if (rc < 0) return dbc__conn_failed(conn, rc);
    if (stmt->echo != NULL) keep_given(stmt, values);
    stmt->bound = 1;
    return DBC_OK;
}

int dbc_stmt_step(dbc_stmt *stmt)
{
    dbc_conn *conn = stmt->conn;
    size_t count = stmt->column_count;
    int64_t started;
    int rc;

    if (stmt->echoed) {
        stmt->echoed = 0;
        return DBC_DONE;
    }
    if (!stmt->active) {
        if (stmt->replay != NULL) return step_replay(stmt);
        rc = start_run(stmt);
        if (rc < 0) return rc;
    }
    dbc__conn_aim(conn, stmt->deadline_ns);

    started = start_clock(conn);
    rc = conn->driver->step(stmt->handle, stmt->row, &count, &conn->error);
    stop_clock(stmt, started);
    if (rc != DBC_ROW) {
        int echoed = rc == DBC_DONE && stmt->echo != NULL && answer_echo(stmt);
        dbc__stmt_end_run(stmt, rc);
        if (rc == DBC_DONE && count != stmt->column_count && !stmt->echo &&
            dbc__stmt_resize_row(stmt, count) < 0)
            rc = dbc__error_nomem(&conn->error);
        rc = settle(stmt, rc);
        return echoed ? DBC_ROW : rc;
    }
    stmt->rows++;
    if (--conn->rows_left < 0) return refuse_rows(stmt);
    if (count != stmt->column_count) return read_changed_row(stmt, count);
    return DBC_ROW;
}

int dbc_stmt_reset(dbc_stmt *stmt)
{
    if (stmt->handle == NULL) return explain_refusal(stmt);
    if (stmt->active) dbc__stmt_end_run(stmt, DBC_ROW);
    stmt->aborted = 0;
    stmt->echoed = 0;
    if (stmt->replay != NULL) stmt->replay->is_made = 0;
    return DBC_OK;
}

int dbc_stmt_run(dbc_stmt *stmt, const dbc_value *values, size_t count,
                 int64_t *changes)
{
    dbc_conn *conn = stmt->conn;
    int64_t ignored;
    int64_t started;
    int rc;

    rc = begin_values(stmt, count);
    if (rc < 0) return rc;
    stmt->bound = count == 0;
    stmt->rows = 0;
    dbc__conn_aim(conn, dbc__conn_deadline(conn));

    conn->stats.statements++;
    started = start_clock(conn);
    rc = conn->driver->run(stmt->handle, values, count,
                           changes != NULL ? changes : &ignored, &conn->error);
    stop_clock(stmt, started);
    if (conn->observe != NULL) report(stmt, rc < 0 ? rc : DBC_DONE);
    stmt->engine_ns = 0;
    rc = settle(stmt, rc);
    return rc < 0 ? rc : DBC_OK;
}
