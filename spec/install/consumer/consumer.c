// A program outside of dbcore, in C: declares a table, fills it, reads it.
#include <dbcore.h>
#include <stdio.h>
#include <string.h>

static const dbc_column_def columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "name", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
};

static int add(dbc_conn *conn, const dbc_table *birds, const char *name)
{
    dbc_query *query = dbc_query_new(NULL);
    dbc_value value = dbc_value_text(name, strlen(name));
    int rc;

    if (query == NULL) return DBC_ENOMEM;
    dbc_query_insert(query, birds);
    dbc_query_set(query, dbc_table_column(birds, 1),
                  dbc_expr_value(query, value));
    rc = dbc_query_run(NULL, conn, query, NULL);
    dbc_query_free(query);
    return rc;
}

static int show(dbc_conn *conn, const dbc_table *birds)
{
    dbc_query *query = dbc_query_new(NULL);
    dbc_stmt *stmt = NULL;
    dbc_value last = dbc_value_null();
    int count = 0;
    int rc;

    if (query == NULL) return DBC_ENOMEM;
    dbc_query_from(query, birds, NULL);
    dbc_query_order_by(
        query, dbc_expr_column(query, dbc_table_column(birds, 1), NULL));
    rc = dbc_query_open(&stmt, conn, query, NULL);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        last = dbc_stmt_row(stmt)[1];
        if (++count == 2) break;
    }
    if (rc == DBC_ROW)
        printf("%d birds, the last is %.*s\n", count, (int)last.len,
               last.as.text);
    dbc_stmt_release(stmt);
    dbc_query_free(query);
    return rc;
}

int main(void)
{
    dbc_table_def def = {
        .name = "birds", .columns = columns, .column_count = 2};
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *birds = NULL;
    dbc_conn *conn = NULL;
    int rc;

    if (dbc_version_number() != DBC_VERSION_NUMBER) return 2;
    rc = dbc_table_new(&birds, &def, NULL, &err);
    if (rc == DBC_OK) rc = dbc_open(&conn, ":memory:", NULL, &err);
    if (rc == DBC_OK) {
        const dbc_table *tables[] = {birds};
        dbc_schema *schema = NULL;
        rc = dbc_schema_new(&schema, tables, 1, NULL, 0, NULL, &err);
        if (rc == DBC_OK) rc = dbc_create(conn, schema);
        dbc_schema_release(schema);
        if (rc == DBC_OK) rc = add(conn, birds, "Robin");
        if (rc == DBC_OK) rc = add(conn, birds, "Wren");
        if (rc == DBC_OK) rc = show(conn, birds);
        if (rc < 0) err = *dbc_conn_error(conn);
        dbc_close(conn);
    }
    dbc_table_release(birds);
    if (rc < 0) fprintf(stderr, "%s\n", err.message);
    return rc < 0;
}
