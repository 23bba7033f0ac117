// Whose schema is trusted, where SQLite takes what is harmless for harmful.
#include "fault.h"
#include "sqlite_session.h"

static const dbc_column_def COLUMNS[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "doc", .type = DBC_T_JSON}};

static int make(dbc_schema **out, const char *check, const dbc_alloc *alloc)
{
    const dbc_check_def checks[] = {{"docs_check", check}};
    const dbc_table_def def = {.name = "docs",
                               .columns = COLUMNS,
                               .column_count = 2,
                               .checks = checks,
                               .check_count = 1};
    dbc_table *table = NULL;

    int rc = dbc_table_new(&table, &def, alloc, NULL);
    if (rc < 0) return rc;
    const dbc_table *tables[] = {table};
    rc = dbc_schema_new(out, tables, 1, NULL, 0, alloc, NULL);
    dbc_table_release(table);
    return rc;
}

static int is_trusted(const dbc_schema *schema)
{
    dbc_open_options options = {.schema = schema};
    dbc_conn *conn = NULL;
    dbc_error err = DBC_ERROR_INIT;

    if (dbc_open(&conn, ":memory:", &options, &err) < 0)
        fail_msg("%s", err.message);
    int trusted = (int)ASK_INT(conn, "PRAGMA trusted_schema");
    dbc_close(conn);
    return trusted;
}

// Whether this SQLite takes functions of JSON for harmful, found out by use.
static int is_json_harmful(void)
{
    dbc_conn *conn = NULL;

    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, NULL));
    const char sql[] = "CREATE TABLE t(a CHECK (json_valid(a)))";
    int rc = dbc_exec(conn, sql, sizeof sql - 1);
    if (rc < 0) {
        assert_int_equal(DBC_EDENIED, rc);
        assert_non_null(strstr(dbc_conn_error(conn)->message,
                               "trust the schema in the file"));
    }
    dbc_close(conn);
    return rc < 0;
}

static void trusts_a_declared_schema_with_functions_of_json(void **state)
{
    static const char *const checks[] = {"json_valid(doc)", "JSON(doc) <> ''",
                                         "doc ->> '$.a' > 0"};
    int harmful = is_json_harmful();

    (void)state;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        dbc_schema *schema = NULL;
        assert_int_equal(DBC_OK, make(&schema, checks[i], NULL));
        assert_int_equal(harmful, is_trusted(schema));
        dbc_schema_release(schema);
    }
}

static void trusts_no_other_schema(void **state)
{
    dbc_schema *schema = NULL;

    (void)state;
    assert_int_equal(DBC_OK, make(&schema, "id > 0", NULL));
    assert_int_equal(0, is_trusted(schema));
    assert_int_equal(0, is_trusted(NULL));
    dbc_schema_release(schema);
}

static int open_with_schema(void *ud, const dbc_alloc *alloc)
{
    dbc_schema *schema = NULL;
    dbc_conn *conn = NULL;

    (void)ud;
    int rc = make(&schema, "json_valid(doc)", alloc);
    dbc_open_options options = {.alloc = alloc, .schema = schema};
    if (rc == DBC_OK) rc = dbc_open(&conn, ":memory:", &options, NULL);
    dbc_close(conn);
    dbc_schema_release(schema);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(open_with_schema, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trusts_a_declared_schema_with_functions_of_json),
        cmocka_unit_test(trusts_no_other_schema),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
