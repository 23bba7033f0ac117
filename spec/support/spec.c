#include "spec.h"

void spec_assert_rc(int expected, int rc, const dbc_error *err,
                    const char *file, int line)
{
    if (rc == expected) return;

    print_error("expected %s, got %s: %s\n", dbc_status_word(expected),
                dbc_status_word(rc), rc < 0 ? err->message : "no error");
    _fail(file, line);
}

dbc_stmt *spec_acquire(dbc_conn *conn, const char *sql, const char *file,
                       int line)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));

    spec_assert_rc(DBC_OK, rc, dbc_conn_error(conn), file, line);
    return stmt;
}
