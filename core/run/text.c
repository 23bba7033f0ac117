// SQL texts without values that are run whole: one or several statements,
// rows dropped.
#include "conn.h"

#include "clock.h"
#include "name.h"
#include "txn.h"
#include "untrusted.h"

// One statement of a text. Sets `*used` to the bytes that belong to it.
static int exec_one(size_t *used, dbc_conn *conn, const char *sql, size_t len)
{
    const dbc_driver *driver = conn->driver;
    dbc_stmt_info info = {0};
    void *handle = NULL;
    int64_t changes;
    int rc;

    rc = driver->prepare(&handle, &info, conn->db, sql, len, 0, &conn->error);
    if (rc < 0) return rc;
    conn->stats.prepared++;
    *used = info.tail;
    if (info.empty) goto cleanup;

    rc = dbc__untrusted_check_text(conn,
                                   info.readonly && info.column_count == 0);
    if (rc < 0) goto cleanup;
    if (conn->txn_readonly > 0 && !info.readonly)
        rc = dbc__conn_fail(conn, DBC_EREADONLY, DBC__ONLY_READS);
    else if (info.parameter_count > 0)
        rc = dbc__conn_fail(conn, DBC_EINVALID,
                            "the SQL text has placeholders, but no values can "
                            "be given here: prepare it and bind them");
    else
        rc = driver->run(handle, NULL, 0, &changes, &conn->error);

cleanup:
    if (handle != NULL) driver->finalize(handle);
    return rc < 0 ? rc : DBC_OK;
}

// Inside a transaction a text is run statement by statement, so that one that
// ends the transaction, or writes in one that only reads, does not go unseen.
static int exec_each(dbc_conn *conn, const char *sql, size_t len)
{
    size_t start = 0;

    while (start < len) {
        size_t used = 0;
        int rc = exec_one(&used, conn, sql + start, len - start);
        if (rc < 0) {
            if (conn->error.offset >= 0) conn->error.offset += (int64_t)start;
            return rc;
        }
        dbc__txn_notice(conn);
        if (used == 0) break;
        start += used;
    }
    return DBC_OK;
}

int dbc_exec(dbc_conn *conn, const char *sql, size_t len)
{
    int rc = dbc__conn_check(conn);

    if (rc < 0) return rc;
    rc = dbc__conn_check_raw(conn);
    return rc < 0 ? rc : dbc__conn_exec(conn, sql, len);
}

int dbc_conn_rollback(dbc_conn *conn)
{
    int rc = dbc__conn_check(conn);

    return rc < 0 ? rc : dbc__conn_exec(conn, "ROLLBACK", 8);
}

int dbc__conn_exec(dbc_conn *conn, const char *sql, size_t len)
{
    int64_t started = 0;
    int rc;

    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = dbc__conn_check_text(conn, sql, len);
    if (rc < 0) return rc;

    dbc__conn_aim(conn, dbc__conn_deadline(conn));
    if (conn->observe != NULL) started = dbc__clock_ns();
    conn->stats.statements++;
    if (conn->depth > 0 || conn->guard != NULL)
        rc = exec_each(conn, sql, len);
    else
        rc = conn->driver->exec(conn->db, sql, len, &conn->error);
    if (rc < 0)
        dbc__conn_failed(conn, rc);
    else
        dbc__txn_notice(conn);

    if (started != 0) {
        dbc_event event = {sql,
                           len,
                           dbc__hash(0, sql, len),
                           dbc__clock_ns() - started,
                           0,
                           rc < 0 ? rc : DBC_DONE};
        dbc__conn_report(conn, &event);
    }
    return rc < 0 ? rc : DBC_OK;
}
