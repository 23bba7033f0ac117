// Asking for one number.
#include "number.h"

#include <string.h>

#include "buf.h"
#include "error.h"

int dbc__number_ask(int64_t *out, dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt = NULL;

    *out = 0;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) *out = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__number_of_rows(int64_t *out, dbc_conn *conn, const char *table)
{
    dbc_buf sql;
    int rc;

    dbc__buf_init(&sql, conn->alloc);
    dbc_buf_add_string(&sql, "SELECT count(*) FROM ");
    conn->driver->dialect->quote(&sql, table, strlen(table));
    rc = sql.status < 0 ? dbc__error_nomem(&conn->error)
                        : dbc__number_ask(out, conn, sql.data);
    dbc__buf_dispose(&sql);
    return rc;
}
