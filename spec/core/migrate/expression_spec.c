// What a person gives is looked at before anything is planned with it:
// expressions, data steps, the text of a schema.
#include <stdio.h>

#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
                       "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static int migrate_many(dbc_conn *conn, const char *sql, const dbc_hint *hints,
                        size_t count)
{
    dbc_plan_options options = {.hints = hints, .hint_count = count};
    dbc_catalog *wanted = NULL;
    dbc_plan *plan = NULL;

    int rc = dbc_catalog_of_sql(&wanted, sql, strlen(sql), conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, conn, wanted, &options);
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    dbc_plan_free(plan);
    dbc_catalog_free(wanted);
    return rc;
}

static int migrate(dbc_conn *conn, const char *sql, const dbc_hint *hint)
{
    return migrate_many(conn, sql, hint, hint != NULL);
}

static void assert_error(int code, const char *message, int rc)
{
    assert_int_equal(code, rc);
    assert_string_equal(message, dbc_conn_error(session.conn)->message);
}

static void names_the_column_whose_expression_cannot_be_used(void **state)
{
    static const struct {
        const char *expression, *why;
    } cases[] = {{"nosuch + 1", "no such column: nosuch"},
                 {"count(*)", "misuse of aggregate function count()"},
                 {"1, 2", "row value misused"},
                 {"1 +", "near \")\": syntax error"},
                 {"nosuch(v)", "the function \"nosuch\" is not known on this "
                               "connection: register it there first"}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc_hint hint = {DBC_HINT_COPY, "t", "v", cases[i].expression};
        char message[256];
        snprintf(message, sizeof message, "the copy of t.v, %s: %s",
                 cases[i].expression, cases[i].why);
        assert_error(DBC_EREFUSED, message,
                     migrate(session.conn,
                             "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)",
                             &hint));
    }
}

static void copies_where_an_expression_was_given(void **state)
{
    static const dbc_hint hint = {DBC_HINT_COPY, "t", "v", "upper(v)"};
    (void)state;

    ASSERT_RC(DBC_OK,
              migrate(session.conn,
                      "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, w)",
                      &hint),
              session.conn);

    assert_string_equal("A", ASK_TEXT(session.conn, "SELECT v FROM t"));
}

static void fills_a_column_that_only_gets_another_name(void **state)
{
    static const dbc_hint both[] = {{DBC_HINT_RENAME_COLUMN, "t", "v", "w"},
                                    {DBC_HINT_COPY, "t", "w", "upper(v)"}};
    (void)state;

    ASSERT_RC(DBC_OK,
              migrate_many(session.conn,
                           "CREATE TABLE t(id INTEGER PRIMARY KEY, w TEXT)",
                           both, 2),
              session.conn);

    assert_string_equal("A", ASK_TEXT(session.conn, "SELECT w FROM t"));
}

static void fills_a_table_that_only_gets_another_name(void **state)
{
    static const dbc_hint both[] = {{DBC_HINT_RENAME_TABLE, "t", NULL, "u"},
                                    {DBC_HINT_BACKFILL, "u", "v", "'none'"}};
    (void)state;
    EXEC(session.conn, "UPDATE t SET v = NULL WHERE id = 2");

    ASSERT_RC(DBC_OK,
              migrate_many(session.conn,
                           "CREATE TABLE u(id INTEGER PRIMARY KEY, v TEXT)",
                           both, 2),
              session.conn);

    assert_string_equal(
        "a none", ASK_TEXT(session.conn, "SELECT group_concat(v, ' ') FROM u"));
}

static void refuses_an_expression_that_would_fill_nothing(void **state)
{
    static const char wanted[] =
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
        "CREATE TABLE n(a, b AS (a))";
    static const struct {
        dbc_hint hint;
        const char *message;
    } cases[] = {
        {{DBC_HINT_COPY, "t", "v", "upper(v)"},
         "the copy of t.v: the column stays as it is: take this away, or "
         "change its rows by a data step"},
        {{DBC_HINT_BACKFILL, "t", "v", "1"},
         "the backfill of t.v: the column stays as it is: take this away, or "
         "change its rows by a data step"},
        {{DBC_HINT_COPY, "n", "a", "1"},
         "the copy of n.a: the table is new, so there are no rows to copy: "
         "insert them by a data step"},
        {{DBC_HINT_COPY, "n", "b", "1"},
         "the copy of n.b: the column is generated: change that"}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_error(DBC_EREFUSED, cases[i].message,
                     migrate(session.conn, wanted, &cases[i].hint));
}

static void refuses_an_expression_for_the_name_that_goes(void **state)
{
    static const dbc_hint both[] = {{DBC_HINT_RENAME_COLUMN, "t", "v", "w"},
                                    {DBC_HINT_COPY, "t", "v", "upper(v)"}};
    (void)state;

    assert_error(DBC_EREFUSED,
                 "the copy of t.v: the column goes: name the one that it "
                 "becomes",
                 migrate_many(session.conn,
                              "CREATE TABLE t(id INTEGER PRIMARY KEY, w TEXT)",
                              both, 2));
}

static void takes_an_expression_for_one_of_two_that_exchange_names(void **state)
{
    static const dbc_hint hints[] = {{DBC_HINT_RENAME_TABLE, "t", NULL, "u"},
                                     {DBC_HINT_RENAME_TABLE, "u", NULL, "t"},
                                     {DBC_HINT_BACKFILL, "t", "extra", "7"}};
    (void)state;

    EXEC(session.conn,
         "CREATE TABLE u(k INTEGER PRIMARY KEY); INSERT INTO u VALUES (1)");
    assert_int_equal(
        DBC_OK, migrate_many(session.conn,
                             "CREATE TABLE u(id INTEGER PRIMARY KEY, v TEXT);"
                             "CREATE TABLE t(k INTEGER PRIMARY KEY, "
                             "extra INTEGER NOT NULL)",
                             hints, COUNT(hints)));
    assert_int_equal(7, ASK_INT(session.conn, "SELECT extra FROM t"));
}

static void refuses_data_steps_that_change_no_rows(void **state)
{
    static const char *const texts[] = {"COMMIT", "UPDATE t SET v = 1; vacuum",
                                        "/* x */ PRAGMA foreign_keys = ON"};
    static const char *const words[] = {"COMMIT", "VACUUM", "PRAGMA"};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        dbc_hint hint = {DBC_HINT_DATA, NULL, NULL, texts[i]};
        char message[256];
        snprintf(message, sizeof message,
                 "a data step changes rows, and %s does not: leave it out",
                 words[i]);
        assert_error(DBC_EREFUSED, message,
                     migrate(session.conn, "CREATE TABLE t(id)", &hint));
    }
    assert_string_equal("a", ASK_TEXT(session.conn, "SELECT v FROM t"));
}

static void refuses_temporary_objects_in_a_schema(void **state)
{
    (void)state;

    assert_error(DBC_EINVALID,
                 "a schema is what a file keeps, and a TEMP object lives on a "
                 "connection: take it out, or leave TEMP out",
                 migrate(session.conn, "CREATE TEMP TABLE t(a)", NULL));
}

static void points_to_a_mistake_in_a_schema(void **state)
{
    static const char wrong[] = "CREATE TABLE a(b);\n\n"
                                "CREATE TABLE c(\n  d,,\n  e);";
    (void)state;

    assert_error(DBC_ESYNTAX, "line 4: near \",\": syntax error",
                 migrate(session.conn, wrong, NULL));

    assert_int_equal(strstr(wrong, ",,") + 1 - wrong,
                     dbc_conn_error(session.conn)->offset);
}

static void names_what_cannot_be_made(void **state)
{
    (void)state;

    assert_error(DBC_EREFUSED,
                 "\"i\" cannot be made as it is wanted: non-deterministic "
                 "functions prohibited in index expressions",
                 migrate(session.conn,
                         "CREATE TABLE t(a);"
                         "CREATE INDEX i ON t(random())",
                         NULL));
}

static int migrate_with(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *conn = NULL;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0)
        rc = dbc_exec(conn, SQL("CREATE TABLE t(id INTEGER PRIMARY KEY, v)"));
    if (rc >= 0)
        rc = migrate(conn, "CREATE TABLE t(id INTEGER PRIMARY KEY, v, w)", ud);
    // The expression is meant to fail, too.
    if (rc == DBC_EREFUSED || rc == DBC_EBROKEN) rc = DBC_ENOMEM;
    if (rc == DBC_ENOMEM && conn &&
        strstr(dbc_conn_error(conn)->message, "misuse of aggregate"))
        rc = DBC_OK;
    dbc_close(conn);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    dbc_hint window = {DBC_HINT_COPY, "t", "v", "rank() OVER (ORDER BY id)"};
    dbc_hint aggregate = {DBC_HINT_COPY, "t", "v", "count(*)"};
    (void)state;

    FAULT_WALK(migrate_with, &window);
    FAULT_WALK(migrate_with, &aggregate);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(names_the_column_whose_expression_cannot_be_used),
        SPEC(copies_where_an_expression_was_given),
        SPEC(fills_a_column_that_only_gets_another_name),
        SPEC(fills_a_table_that_only_gets_another_name),
        SPEC(refuses_an_expression_that_would_fill_nothing),
        SPEC(refuses_an_expression_for_the_name_that_goes),
        SPEC(takes_an_expression_for_one_of_two_that_exchange_names),
        SPEC(refuses_data_steps_that_change_no_rows),
        SPEC(refuses_temporary_objects_in_a_schema),
        SPEC(points_to_a_mistake_in_a_schema),
        SPEC(names_what_cannot_be_made),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("expression", specs, NULL, NULL);
}
