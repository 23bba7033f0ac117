// Creating the tables of a schema in a new file. Run again on a file that has
// them, it does nothing; on one that has others of these names, or only some,
// it changes nothing and says which. What "the same" means is asked from the
// database itself: the schema is created in a scratch database in memory, and
// both catalogs are compared.
#include <string.h>

#include "conn.h"
#include "error.h"
#include "stmt.h"

// What the comparison found, with the first name of each kind.
typedef struct findings {
    int same, missing, different;
    dbc__quoted first_missing, first_different;
} findings;

static dbc_value view(const dbc_stmt *stmt, size_t i)
{
    return dbc_stmt_row(stmt)[i];
}

static int same_text(dbc_value a, dbc_value b)
{
    return a.type == DBC_TEXT && b.type == DBC_TEXT && a.len == b.len &&
           memcmp(a.as.text, b.as.text, a.len) == 0;
}

// Looks for one object of the scratch database, kind, name and text, among
// those of the real one.
static int compare_object(findings *found, dbc_conn *conn, const dbc_value *row)
{
    const char *catalog = conn->driver->dialect->catalog;
    dbc_stmt *stmt = NULL;
    int seen = 0;

    int rc = dbc_stmt_acquire(&stmt, conn, catalog, strlen(catalog));
    if (rc < 0) return rc;
    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        if (!same_text(view(stmt, 1), row[1])) continue;
        seen =
            same_text(view(stmt, 0), row[0]) && same_text(view(stmt, 2), row[2])
                ? 1
                : -1;
    }
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;
    if (seen > 0) found->same++;
    if (seen < 0 && !found->different++)
        dbc__quote(&found->first_different, row[1].as.text, row[1].len);
    if (seen == 0 && !found->missing++)
        dbc__quote(&found->first_missing, row[1].as.text, row[1].len);
    return DBC_OK;
}

static int compare(findings *found, dbc_conn *conn, dbc_conn *scratch)
{
    const char *catalog = scratch->driver->dialect->catalog;
    dbc_stmt *stmt = NULL;

    int rc = dbc_stmt_acquire(&stmt, scratch, catalog, strlen(catalog));
    if (rc < 0) goto cleanup;
    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        rc = compare_object(found, conn, dbc_stmt_row(stmt));
        if (rc < 0) break;
    }

cleanup:
    if (rc < 0 && conn->error.code == DBC_OK) conn->error = scratch->error;
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

// Everything of the schema is there (1), nothing is (0), or an error.
static int judge(dbc_conn *conn, const findings *found)
{
    if (found->different)
        return dbc__conn_fail(conn, DBC_EDRIFT,
                              "%s in the file differs from the schema: it was "
                              "left as it is, a migration must change it",
                              found->first_different.text);
    if (found->missing && found->same)
        return dbc__conn_fail(conn, DBC_EDRIFT,
                              "the file has a part of the schema, but not %s: "
                              "nothing was created, a migration must add it",
                              found->first_missing.text);
    return found->same > 0;
}

// Whether the schema stands in the file already. A schema that a scratch
// database cannot hold (it needs the host's own functions) counts as new: then
// creating it says what is wrong.
static int is_there(dbc_conn *conn, const char *ddl)
{
    dbc_open_options options = {.driver = conn->driver, .alloc = conn->alloc};
    findings found = {0};
    dbc_conn *scratch = NULL;

    if (!conn->driver->dialect->catalog) return 0;
    int rc = dbc_open(&scratch, ":memory:", &options, &conn->error);
    if (rc < 0) return rc;
    rc = dbc_exec(scratch, ddl, strlen(ddl));
    dbc__error_clear(&conn->error);
    if (rc == DBC_OK)
        rc = compare(&found, conn, scratch);
    else if (rc == DBC_ENOMEM)
        dbc__error_nomem(&conn->error);
    else
        rc = DBC_OK;
    dbc_close(scratch);
    return rc < 0 ? rc : judge(conn, &found);
}

int dbc_create(dbc_conn *conn, const dbc_schema *schema)
{
    char *ddl = NULL;
    dbc_txn txn;

    int rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = dbc_schema_ddl(&ddl, schema, conn->driver->dialect, conn->alloc,
                        &conn->error);
    if (rc < 0) return rc;
    rc = dbc_txn_begin(&txn, conn, DBC_TXN_IMMEDIATE);
    if (rc < 0) goto cleanup;
    rc = is_there(conn, ddl);
    if (rc == 0) rc = dbc_exec(conn, ddl, strlen(ddl));
    if (rc >= 0) rc = dbc_txn_commit(&txn);
    if (rc < 0) {
        dbc_error err = conn->error;
        dbc_txn_rollback(&txn);
        conn->error = err;
    }

cleanup:
    dbc_text_free(ddl, conn->alloc);
    return rc < 0 ? rc : DBC_OK;
}
