// Rows that a new UNIQUE would not let in are found, and no others: keys are
// equal as the engine compares them.
#include <stdio.h>

#include "sqlite_session.h"

// Values of a column without a type, and how many of them are in the way.
typedef struct scene {
    const char *rows, *column; // "a COLLATE nocase": how it is to be declared
    int count;
} scene;

static int plan_unique(dbc_plan **out, dbc_conn *conn, const char *sql)
{
    dbc_catalog *wanted = NULL;
    int rc = dbc_catalog_of_sql(&wanted, sql, strlen(sql), conn);

    *out = NULL;
    if (rc >= 0) rc = dbc_plan_new(out, conn, wanted, NULL);
    dbc_catalog_free(wanted);
    return rc;
}

// The count of the finding F2, or 0.
static int64_t count_of(const dbc_plan *plan)
{
    for (size_t i = 0; i < dbc_plan_finding_count(plan); i++) {
        const dbc_finding *finding = dbc_plan_finding(plan, i);
        if (strcmp(finding->code, "F2") == 0) return finding->count;
    }
    return 0;
}

static void check(const scene *s)
{
    sqlite_session session;
    dbc_plan *plan;
    char sql[256];

    sqlite_session_open(&session, ":memory:", NULL);
    snprintf(sql, sizeof sql,
             "CREATE TABLE t(%s, b); INSERT INTO t(a) VALUES %s", s->column,
             s->rows);
    EXEC(session.conn, sql);
    snprintf(sql, sizeof sql, "CREATE TABLE t(%s UNIQUE, b)", s->column);
    ASSERT_RC(DBC_OK, plan_unique(&plan, session.conn, sql), session.conn);

    if (count_of(plan) != s->count)
        fail_msg("%s, %s: %lld", s->column, s->rows, (long long)count_of(plan));

    dbc_plan_free(plan);
    sqlite_session_close(&session);
}

static void compares_as_the_engine_does(void **state)
{
    static const scene scenes[] = {
        {"(1), (2), (3)", "a", 0},
        {"(1), (2), (1)", "a", 2},
        {"(1), (1.0)", "a", 2},
        {"(0), (-0.0)", "a", 2},
        {"(9223372036854775807), (9223372036854775808.0)", "a", 0},
        {"(-9223372036854775808), (-9223372036854775808.0)", "a", 2},
        {"(1e300), (1e300), (-1e300)", "a", 2},
        {"(1), ('1')", "a", 0},
        {"('a'), (x'61')", "a", 0},
        {"(''), (x''), (0)", "a", 0},
        {"(''), ('')", "a", 2},
        {"(NULL), (NULL)", "a", 0},
        {"('a'), ('A')", "a", 0},
        {"('a'), ('A'), ('b')", "a COLLATE nocase", 2},
        {"(1), ('1'), ('x')", "a COLLATE nocase", 0},
        {"('a'), ('a  ')", "a COLLATE rtrim", 2},
        {"('a'), ('a  ')", "a", 0},
        {"('a' || char(0) || 'b'), ('a' || char(0) || 'c')", "a", 0},
        {"('a'), ('a'), ('a'), ('b'), ('b')", "a", 5},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(scenes); i++)
        check(&scenes[i]);
}

static void finds_the_one_pair_among_many(void **state)
{
    static const char wanted[] =
        "CREATE TABLE t(a TEXT, b INTEGER, c TEXT, UNIQUE (a, b))";
    sqlite_session session;
    dbc_plan *plan;
    (void)state;
    sqlite_session_open(&session, ":memory:", NULL);
    EXEC(
        session.conn,
        "CREATE TABLE t(a TEXT, b INTEGER, c TEXT);"
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
        "FROM n WHERE i < 5000) SELECT 'name ' || (i / 10), i % 10, i FROM n");

    ASSERT_RC(DBC_OK, plan_unique(&plan, session.conn, wanted), session.conn);
    assert_int_equal(0, count_of(plan));
    dbc_plan_free(plan);

    EXEC(session.conn, "INSERT INTO t VALUES ('name 77', 7, 'again')");
    ASSERT_RC(DBC_OK, plan_unique(&plan, session.conn, wanted), session.conn);
    assert_int_equal(2, count_of(plan));
    assert_non_null(strstr(dbc_plan_finding(plan, 0)->message,
                           "over \"a\", \"b\" is broken by 2 rows, for example "
                           "'name 77', 7"));

    dbc_plan_free(plan);
    sqlite_session_close(&session);
}

static void asks_an_index_only_about_its_rows(void **state)
{
    sqlite_session session;
    dbc_plan *plan;
    (void)state;
    sqlite_session_open(&session, ":memory:", NULL);
    EXEC(session.conn, "CREATE TABLE t(a TEXT, gone INTEGER);"
                       "INSERT INTO t VALUES ('x', 0), ('x', 1), ('X', 0)");

    ASSERT_RC(DBC_OK,
              plan_unique(&plan, session.conn,
                          "CREATE TABLE t(a TEXT, gone INTEGER); CREATE UNIQUE "
                          "INDEX i ON t(a) WHERE gone = 0"),
              session.conn);
    assert_int_equal(0, count_of(plan));
    dbc_plan_free(plan);

    ASSERT_RC(DBC_OK,
              plan_unique(&plan, session.conn,
                          "CREATE TABLE t(a TEXT, gone INTEGER); CREATE UNIQUE "
                          "INDEX i ON t(lower(a)) WHERE gone = 0"),
              session.conn);
    assert_int_equal(2, count_of(plan));

    dbc_plan_free(plan);
    sqlite_session_close(&session);
}

static int ask_with(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *conn = NULL;
    dbc_plan *plan = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0)
        rc =
            dbc_exec(conn, SQL("CREATE TABLE t(a); INSERT INTO t WITH "
                               "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i "
                               "+ 1 FROM n WHERE i < 1100) SELECT i % 1099 "
                               "FROM n"));
    if (rc >= 0) rc = plan_unique(&plan, conn, "CREATE TABLE t(a UNIQUE)");
    if (rc >= 0) assert_int_equal(2, count_of(plan));
    dbc_plan_free(plan);
    dbc_close(conn);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(ask_with, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_as_the_engine_does),
        cmocka_unit_test(finds_the_one_pair_among_many),
        cmocka_unit_test(asks_an_index_only_about_its_rows),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("duplicate", tests, NULL, NULL);
}
