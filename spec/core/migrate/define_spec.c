// Catalogs that are wanted, from SQL text: what is run, what is passed over,
// and what is said of a text that makes none.
#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, ":memory:", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static void assert_refused(const char *sql, int code, const char *message)
{
    dbc_catalog *catalog = NULL;

    assert_int_equal(
        code, dbc_catalog_of_sql(&catalog, sql, strlen(sql), session.conn));

    assert_null(catalog);
    assert_string_equal(message, dbc_conn_error(session.conn)->message);
}

static void names_the_column_that_needs_one_that_is_not_there(void **state)
{
    (void)state;

    assert_refused("CREATE TABLE t(id INTEGER, a TEXT, b TEXT AS (lost || 1))",
                   DBC_EREFUSED,
                   "\"t\" cannot be made as it is wanted: its column \"b\" "
                   "needs \"lost\", which is not there");
}

static void says_what_cannot_be_made_and_why(void **state)
{
    (void)state;

    assert_refused("CREATE TABLE \"a t\"(a, a)", DBC_EREFUSED,
                   "\"a t\" cannot be made as it is wanted: duplicate column "
                   "name: a");
    assert_refused("DROP TABLE lost", DBC_EREFUSED, "no such table: lost");
}

static void tells_the_line_of_a_mistake_in_the_text(void **state)
{
    static const char sql[] = "CREATE TABLE t(a);\n\nCREATE TABEL u(a);";
    (void)state;

    assert_refused(sql, DBC_ESYNTAX, "line 3: near \"TABEL\": syntax error");

    assert_int_equal(strstr(sql, "TABEL") - sql,
                     dbc_conn_error(session.conn)->offset);
}

static void refuses_what_no_schema_is_made_of(void **state)
{
    static const char temporary[] =
        "a schema is what a file keeps, and a TEMP object lives on a "
        "connection: take it out, or leave TEMP out";
    (void)state;

    assert_refused("CREATE TABLE t(a); INSERT INTO t VALUES (1)", DBC_EINVALID,
                   "a schema is made of CREATE statements, and \"INSERT\" is "
                   "none: take it out, or make it a data step");
    assert_refused("CREATE TEMP TABLE t(a)", DBC_EINVALID, temporary);
    assert_refused("CREATE TEMPORARY VIEW v AS SELECT 1", DBC_EINVALID,
                   temporary);
}

static void passes_over_what_says_how_a_script_is_run(void **state)
{
    static const char sql[] = "PRAGMA foreign_keys = OFF;;\nBEGIN;\n"
                              "CREATE TABLE t(a);\n-- done\nCOMMIT";
    dbc_catalog *catalog = NULL;
    (void)state;

    ASSERT_RC(DBC_OK,
              dbc_catalog_of_sql(&catalog, sql, strlen(sql), session.conn),
              session.conn);

    assert_int_equal(1, dbc_catalog_count(catalog));
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA foreign_keys"));
    dbc_catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(names_the_column_that_needs_one_that_is_not_there),
        SPEC(says_what_cannot_be_made_and_why),
        SPEC(tells_the_line_of_a_mistake_in_the_text),
        SPEC(refuses_what_no_schema_is_made_of),
        SPEC(passes_over_what_says_how_a_script_is_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
