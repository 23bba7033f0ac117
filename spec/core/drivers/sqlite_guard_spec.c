// What SQL may say and use up under a guard, action by action, and that
// nothing of it stays when the guard is lifted.
#include "fault.h"
#include "sqlite_session.h"

#include <stdio.h>
#include <time.h>

static int set_up(void **state)
{
    static sqlite_session session;

    *state = &session;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn,
         "CREATE TABLE open (id INTEGER PRIMARY KEY AUTOINCREMENT, a);"
         "CREATE TABLE read (a); CREATE TABLE hidden (a);"
         "CREATE TABLE dbcore_history (a); CREATE VIEW v AS SELECT a FROM "
         "hidden; CREATE INDEX i ON open (a);"
         "INSERT INTO hidden VALUES (7)");
    return 0;
}

static int tear_down(void **state)
{
    sqlite_session_close(*state);
    return 0;
}

static dbc_guard *put_under(dbc_conn *conn, const dbc_guard_rules *rules,
                            const dbc_guard_budget *budget)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_guard *guard;

    if (dbc_guard_new(&guard, rules, NULL, &err) < 0)
        fail_msg("%s", err.message);
    ASSERT_RC(DBC_OK, dbc_conn_guard(conn, guard, budget), conn);
    return guard;
}

static void lift(dbc_conn *conn, dbc_guard *guard)
{
    ASSERT_RC(DBC_OK, dbc_conn_guard(conn, NULL, NULL), conn);
    dbc_guard_free(guard);
}

static void assert_denied(dbc_conn *conn, const char *const *texts,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int rc = dbc_exec(conn, texts[i], strlen(texts[i]));
        if (rc != DBC_EDENIED)
            fail_msg("%s: %s %s", texts[i], dbc_status_word(rc),
                     rc < 0 ? dbc_conn_error(conn)->message : "");
    }
}

static void assert_allowed(dbc_conn *conn, const char *const *texts,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        ASSERT_RC(DBC_OK, dbc_exec(conn, texts[i], strlen(texts[i])), conn);
}

static void refuses_what_reaches_out_whatever_the_rules(void **state)
{
    static const char *const texts[] = {
        "ATTACH ':memory:' AS x",
        "DETACH main",
        "VACUUM INTO 'copy.db'",
        "PRAGMA writable_schema = 1",
        "PRAGMA trusted_schema = 1",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA foreign_keys = 0",
        "SELECT load_extension('x')",
        "SELECT * FROM dbstat",
        "SELECT * FROM pragma_database_list",
        "CREATE TEMP TABLE x (a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE TEMP TRIGGER x AFTER INSERT ON open BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE x USING fts3(a)",
        "INSERT INTO dbcore_history VALUES (1)",
        "UPDATE dbcore_history SET a = 1",
        "DELETE FROM dbcore_history",
        "DROP TABLE dbcore_history",
        "ALTER TABLE open RENAME TO dbcore_own",
        "CREATE INDEX x ON dbcore_history (a)",
        "CREATE TABLE dbcore_more (a)",
        "INSERT INTO sqlite_sequence VALUES ('x', 1)"};
    const sqlite_session *s = *state;
    dbc_guard *guard = put_under(s->conn, &(dbc_guard_rules){0}, NULL);

    assert_denied(s->conn, texts, COUNT(texts));
    lift(s->conn, guard);
}

static void lets_ordinary_work_through(void **state)
{
    static const char *const texts[] = {
        "INSERT INTO open (a) VALUES (1)",
        "UPDATE open SET a = upper('x') || abs(-1)",
        "DELETE FROM open",
        "SELECT count(*), max(a) FROM hidden",
        "SELECT * FROM v",
        "CREATE TABLE more (a)",
        "CREATE INDEX more_a ON more (a)",
        "CREATE TRIGGER t AFTER INSERT ON more BEGIN SELECT 1; END",
        "ALTER TABLE more ADD COLUMN b",
        "CREATE VIRTUAL TABLE words USING fts5(a)",
        "DROP TABLE words",
        "DROP TABLE more",
        "BEGIN",
        "SAVEPOINT x",
        "RELEASE x",
        "COMMIT",
        "SELECT value FROM json_each('[1]')",
        "PRAGMA table_info(open)"};
    const sqlite_session *s = *state;
    dbc_guard *guard = put_under(s->conn, &(dbc_guard_rules){0}, NULL);

    assert_allowed(s->conn, texts, COUNT(texts));
    lift(s->conn, guard);
}

static void changes_nothing_when_it_only_reads(void **state)
{
    static const char *const denied[] = {"INSERT INTO open (a) VALUES (1)",
                                         "UPDATE open SET a = 1",
                                         "DELETE FROM open",
                                         "CREATE TABLE x (a)",
                                         "DROP TABLE open",
                                         "CREATE INDEX x ON open (a)",
                                         "REINDEX",
                                         "ANALYZE"};
    static const char *const allowed[] = {"SELECT * FROM open",
                                          "SELECT * FROM v"};
    const sqlite_session *s = *state;
    dbc_guard *guard = put_under(
        s->conn, &(dbc_guard_rules){.flags = DBC_GUARD_READONLY}, NULL);

    assert_denied(s->conn, denied, COUNT(denied));
    assert_allowed(s->conn, allowed, COUNT(allowed));
    lift(s->conn, guard);
}

static void keeps_the_schema_as_it_is_when_told(void **state)
{
    static const char *const denied[] = {"CREATE TABLE x (a)",
                                         "DROP TABLE open",
                                         "DROP INDEX i",
                                         "DROP VIEW v",
                                         "ALTER TABLE open ADD COLUMN b",
                                         "ANALYZE"};
    static const char *const allowed[] = {"INSERT INTO open (a) VALUES (1)"};
    const sqlite_session *s = *state;
    dbc_guard *guard = put_under(
        s->conn, &(dbc_guard_rules){.flags = DBC_GUARD_NO_SCHEMA}, NULL);

    assert_denied(s->conn, denied, COUNT(denied));
    assert_allowed(s->conn, allowed, COUNT(allowed));
    lift(s->conn, guard);
}

static void shows_the_listed_tables_only(void **state)
{
    static const dbc_guard_table tables[] = {
        {"OPEN", DBC_MAY_ALL}, {"read", DBC_MAY_SELECT}, {"v", DBC_MAY_SELECT}};
    static const char *const denied[] = {
        "SELECT * FROM hidden",
        "SELECT (SELECT a FROM hidden)",
        "SELECT 1 FROM open WHERE a IN (SELECT a FROM hidden)",
        "INSERT INTO open (a) SELECT a FROM hidden",
        "INSERT INTO read VALUES (1)",
        "UPDATE read SET a = 1",
        "DELETE FROM read",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM sqlite_sequence",
        "PRAGMA table_info(hidden)",
        "CREATE TABLE x (a)"};
    static const char *const allowed[] = {"INSERT INTO open (a) VALUES (1)",
                                          "SELECT * FROM open, read",
                                          "SELECT * FROM v"};
    const sqlite_session *s = *state;
    dbc_guard *guard =
        put_under(s->conn,
                  &(dbc_guard_rules){.flags = DBC_GUARD_LISTED,
                                     .tables = tables,
                                     .table_count = COUNT(tables)},
                  NULL);

    assert_denied(s->conn, denied, COUNT(denied));
    assert_allowed(s->conn, allowed, COUNT(allowed));
    lift(s->conn, guard);
}

// SQLite names the common table when it asks, just as it names a view.
static void takes_no_common_table_for_a_view(void **state)
{
    static const dbc_guard_table tables[] = {
        {"open", DBC_MAY_ALL}, {"v", DBC_MAY_SELECT}, {"deep", DBC_MAY_SELECT}};
    static const char *const denied[] = {
        "WITH x AS (SELECT * FROM hidden) SELECT * FROM x",
        "WITH x(b) AS (SELECT a FROM hidden) SELECT * FROM x",
        "with x as materialized (SELECT * FROM hidden) SELECT * FROM x",
        "WITH x AS NOT MATERIALIZED (SELECT * FROM hidden) SELECT * FROM x",
        "WITH RECURSIVE x(a) AS (SELECT a FROM hidden UNION SELECT a + 1 FROM "
        "x WHERE a < 9) SELECT * FROM x",
        "WITH v AS (SELECT * FROM hidden) SELECT * FROM v",
        "WITH \"V\" /**/ AS--\n(SELECT * FROM hidden) SELECT * FROM v",
        "WITH 'v'(b) AS (SELECT * FROM hidden) SELECT * FROM v",
        "WITH [v] AS (SELECT * FROM hidden) SELECT * FROM v",
        "WITH `a``b` AS (SELECT * FROM hidden) SELECT * FROM \"a`b\"",
        "WITH t AS (SELECT * FROM hidden) SELECT * FROM t",
        "WITH y AS (SELECT 1), inner_one AS (SELECT * FROM hidden) SELECT * "
        "FROM inner_one",
        "SELECT * FROM (WITH x AS (SELECT * FROM hidden) SELECT * FROM x)",
        "INSERT INTO open (a) WITH x AS (SELECT * FROM hidden) SELECT * FROM x",
        "UPDATE open SET a = (WITH x AS (SELECT * FROM hidden) SELECT a FROM "
        "x)"};
    static const char *const allowed[] = {
        "WITH x AS (SELECT * FROM open) SELECT * FROM x",
        "SELECT * FROM v AS x", "SELECT * FROM deep",
        "WITH x AS (SELECT * FROM v) SELECT * FROM x, deep AS v",
        "INSERT INTO open (a) VALUES (1)"};
    const sqlite_session *s = *state;
    dbc_guard *guard;

    EXEC(s->conn, "CREATE VIEW deep AS WITH inner_one AS (SELECT a FROM "
                  "hidden) SELECT * FROM inner_one;"
                  "CREATE TRIGGER t AFTER INSERT ON open BEGIN INSERT INTO "
                  "hidden VALUES (new.a); END");
    guard = put_under(s->conn,
                      &(dbc_guard_rules){.flags = DBC_GUARD_LISTED,
                                         .tables = tables,
                                         .table_count = COUNT(tables)},
                      NULL);
    assert_denied(s->conn, denied, COUNT(denied));
    assert_allowed(s->conn, allowed, COUNT(allowed));
    lift(s->conn, guard);
}

// The schema changed, so SQLite prepares it again by itself.
static void judges_again_what_is_prepared_again(void **state)
{
    static const dbc_guard_table tables[] = {{"v", DBC_MAY_SELECT}};
    const sqlite_session *s = *state;
    dbc_guard *guard = put_under(s->conn,
                                 &(dbc_guard_rules){.flags = DBC_GUARD_LISTED,
                                                    .tables = tables,
                                                    .table_count = 1},
                                 NULL);
    dbc_stmt *stmt = ACQUIRE(s->conn, "SELECT a FROM v");
    dbc_conn *other;

    assert_int_equal(DBC_OK, dbc_open(&other, s->path, NULL, NULL));
    EXEC(other, "CREATE TABLE more (a)");
    dbc_close(other);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s->conn);
    dbc_stmt_release(stmt);
    lift(s->conn, guard);
}

static void replaces_rows_only_where_it_may_delete(void **state)
{
    static const dbc_guard_table tables[] = {
        {"open", DBC_MAY_SELECT | DBC_MAY_INSERT | DBC_MAY_UPDATE},
        {"read", DBC_MAY_ALL}};
    static const char *const denied[] = {
        "INSERT OR REPLACE INTO open VALUES (1, 2)",
        "REPLACE INTO open VALUES (1, 2)",
        "insert or /* x */ replace into open VALUES (1, 2)",
        "UPDATE OR REPLACE open SET id = 2"};
    static const char *const allowed[] = {
        "INSERT INTO open VALUES (1, replace('a', 'b', 'c'))",
        "INSERT OR IGNORE INTO open VALUES (1, ' OR REPLACE INTO ')",
        "INSERT INTO open VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET a = 3",
        "UPDATE open SET a = replace (a, 'b', 'c') WHERE id = 1 OR replace(a, "
        "1, 2) = 'x'",
        "REPLACE INTO read VALUES (1)"};
    const sqlite_session *s = *state;
    dbc_guard *guard =
        put_under(s->conn,
                  &(dbc_guard_rules){.flags = DBC_GUARD_LISTED,
                                     .tables = tables,
                                     .table_count = COUNT(tables)},
                  NULL);

    assert_denied(s->conn, denied, COUNT(denied));
    assert_allowed(s->conn, allowed, COUNT(allowed));
    lift(s->conn, guard);
}

static void call_own(dbc_call *call, void *ud, const dbc_value *args,
                     size_t count)
{
    (void)ud, (void)args, (void)count;
    dbc_call_return(call, dbc_value_int(5));
}

static void calls_the_listed_functions_only(void **state)
{
    static const char *const names[] = {"OWN"};
    static const char *const denied[] = {"SELECT own()"};
    const sqlite_session *s = *state;
    const dbc_function function = {"own", 0, 0, NULL, NULL, call_own};
    dbc_guard *guard;

    ASSERT_RC(DBC_OK, dbc_create_function(s->conn, &function), s->conn);
    guard = put_under(s->conn, &(dbc_guard_rules){0}, NULL);
    assert_denied(s->conn, denied, 1);
    lift(s->conn, guard);
    guard =
        put_under(s->conn, &(dbc_guard_rules){.functions = {names, 1}}, NULL);
    assert_int_equal(5, ASK_INT(s->conn, "SELECT own()"));
    lift(s->conn, guard);
}

static void names_what_is_refused(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard = put_under(s->conn, &(dbc_guard_rules){0}, NULL);
    const dbc_error *err =
        ASSERT_FAILS(DBC_EDENIED, s->conn, "DELETE FROM dbcore_history");

    assert_non_null(strstr(err->message, "deleting from the table "
                                         "\"dbcore_history\" is not allowed"));
    // The reason of one refusal is not told of the next failure.
    err = ASSERT_FAILS(DBC_ESYNTAX, s->conn, "SELEKT");
    assert_null(strstr(err->message, "not allowed"));
    lift(s->conn, guard);
}

static void limits_values_and_texts(void **state)
{
    const sqlite_session *s = *state;
    char text[3000];
    dbc_guard *guard = put_under(
        s->conn, &(dbc_guard_rules){.value_len = 1000, .sql_len = 2000}, NULL);

    assert_true(dbc_exec(s->conn, SQL("SELECT zeroblob(1001)")) < 0);
    EXEC(s->conn, "SELECT zeroblob(900)");
    memset(text, ' ', sizeof text);
    memcpy(text, "SELECT 1", 8);
    assert_true(dbc_exec(s->conn, text, sizeof text) < 0);
    lift(s->conn, guard);

    EXEC(s->conn, "SELECT zeroblob(1001)");
    ASSERT_RC(DBC_OK, dbc_exec(s->conn, text, sizeof text), s->conn);
}

static int64_t from_now(int64_t ms)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec + ms * 1000000;
}

#define ENDLESS                                                        \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) " \
    "SELECT count(*) FROM n"

static void stops_at_its_deadline(void **state)
{
    const sqlite_session *s = *state;
    const dbc_guard_budget budget = {.deadline_ns = from_now(50)};
    dbc_guard *guard = put_under(s->conn, &(dbc_guard_rules){0}, &budget);

    ASSERT_FAILS(DBC_ETIMEOUT, s->conn, ENDLESS);
    lift(s->conn, guard);

    EXEC(s->conn, "SELECT 1");
}

static void stops_when_memory_is_used_up(void **state)
{
    const sqlite_session *s = *state;
    const dbc_guard_budget budget = {.memory = 4 << 20,
                                     .deadline_ns = from_now(20000)};
    dbc_guard *guard = put_under(s->conn, &(dbc_guard_rules){0}, &budget);
    int rc;

    rc = dbc_exec(s->conn,
                  SQL("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                      "FROM n) SELECT json_group_array(hex(zeroblob(1000))) "
                      "FROM n"));
    assert_int_equal(DBC_ELIMIT, rc);
    lift(s->conn, guard);

    EXEC(s->conn, "SELECT zeroblob(5000000)");
}

static void ends_with_the_connection(void **state)
{
    sqlite_session *s = *state;
    const dbc_guard_budget budget = {.memory = 64 << 20};
    dbc_guard *guard = put_under(
        s->conn, &(dbc_guard_rules){.flags = DBC_GUARD_WHOLE_HEAP}, &budget);

    dbc_conn_shut(s->conn);
    dbc_guard_free(guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(refuses_what_reaches_out_whatever_the_rules),
        SPEC(lets_ordinary_work_through),
        SPEC(changes_nothing_when_it_only_reads),
        SPEC(keeps_the_schema_as_it_is_when_told),
        SPEC(shows_the_listed_tables_only),
        SPEC(takes_no_common_table_for_a_view),
        SPEC(judges_again_what_is_prepared_again),
        SPEC(replaces_rows_only_where_it_may_delete),
        SPEC(calls_the_listed_functions_only),
        SPEC(names_what_is_refused),
        SPEC(limits_values_and_texts),
        SPEC(stops_at_its_deadline),
        SPEC(stops_when_memory_is_used_up),
        SPEC(ends_with_the_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
