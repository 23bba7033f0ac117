// Asking a query for one number: how many rows there are, or whether there is
// one. The query is copied, and the copy asked another question of the same
// rows.
#include "conn.h"
#include "error.h"

static int ask(int64_t *out, dbc_conn *conn, const dbc_query *query,
               const dbc_args *args, dbc_answer answer)
{
    dbc_query *copy = NULL;
    dbc_stmt *stmt = NULL;
    int rc = dbc__conn_check(conn);

    if (rc < 0) return rc;
    copy = dbc_query_clone(query, conn->alloc);
    if (copy == NULL) return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    dbc_query_answer(copy, answer); // a failure sticks, and is told below

    rc = dbc_query_open(&stmt, conn, copy, args);
    if (rc < 0) goto cleanup;
    rc = dbc_stmt_step(stmt);
    if (rc < 0) goto cleanup;
    *out = rc == DBC_ROW ? dbc_stmt_int(stmt, 0) : 0;
    rc = DBC_OK;

cleanup:
    dbc_stmt_release(stmt);
    dbc_query_free(copy);
    return rc;
}

int dbc_query_count(int64_t *out, dbc_conn *conn, const dbc_query *query,
                    const dbc_args *args)
{
    return ask(out, conn, query, args, DBC_ANSWER_COUNT);
}

int dbc_query_exists(int *out, dbc_conn *conn, const dbc_query *query,
                     const dbc_args *args)
{
    int64_t found = 0;
    int rc = ask(&found, conn, query, args, DBC_ANSWER_EXISTS);

    if (rc >= 0) *out = found != 0;
    return rc;
}
