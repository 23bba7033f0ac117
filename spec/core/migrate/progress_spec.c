// What a host is told while a plan or a migration runs.
#include "sqlite_session.h"

enum { ROWS = 3000 };

// Each row takes a while: as long as counting to 1000 does.
#define SLOW                                                                  \
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i" \
    " < 1000) SELECT v || max(i) FROM n)"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
                       "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION "
                       "ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i, 'v' "
                       "FROM n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

// All that was told.
typedef struct told {
    int between;        // events in the middle of the rows
    int64_t last, most; // rows
    int64_t total;
    int went_back;
    int64_t stop_at; // rows; 0: never
} told;

static int listen(void *ud, const dbc_progress_info *info)
{
    told *t = ud;

    if (info->rows > 0 && info->rows < ROWS) t->between++;
    if (info->rows != 0 && info->rows < t->last) t->went_back = 1;
    if (info->rows_total > t->total) t->total = info->rows_total;
    if (info->rows > t->most) t->most = info->rows;
    t->last = info->rows;
    return t->stop_at > 0 && info->rows >= t->stop_at;
}

static int push(told *t, const char *wanted, const dbc_hint *hint)
{
    dbc_plan_options how = {
        .hints = hint, .hint_count = hint != NULL, .without_probe = 1};
    dbc_apply_options options = {.progress = listen, .ud = t};
    dbc_catalog *catalog = NULL;
    dbc_plan *plan = NULL;

    int rc = dbc_catalog_of_sql(&catalog, wanted, strlen(wanted), session.conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, session.conn, catalog, &how);
    dbc_catalog_free(catalog);
    if (rc >= 0) rc = dbc_plan_apply(plan, session.conn, &options);
    dbc_plan_free(plan);
    return rc;
}

static int copy(told *t)
{
    static const dbc_hint slowly = {DBC_HINT_COPY, "t", "v", SLOW};

    return push(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT NOT NULL)",
                &slowly);
}

static void counts_rows_while_a_table_is_copied(void **state)
{
    told t = {0};
    (void)state;

    ASSERT_RC(DBC_OK, copy(&t), session.conn);

    assert_true(t.between > 0);
    assert_false(t.went_back);
    assert_int_equal(ROWS, t.total);
    assert_int_equal(ROWS, t.most);
    assert_string_equal("v1000",
                        ASK_TEXT(session.conn, "SELECT v FROM t LIMIT 1"));
}

static void stops_between_two_rows(void **state)
{
    told t = {.stop_at = 1};
    (void)state;

    assert_int_equal(DBC_EINTERRUPTED, copy(&t));

    assert_true(t.most < ROWS);
    assert_string_equal("the migration was stopped, everything is undone",
                        dbc_conn_error(session.conn)->message);
    assert_int_equal(ROWS,
                     ASK_INT(session.conn, "SELECT count(*) FROM t WHERE v = "
                                           "'v'"));
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA foreign_keys"));
}

static void tells_how_many_rows_an_index_is_built_over(void **state)
{
    told t = {0};
    (void)state;

    ASSERT_RC(DBC_OK,
              push(&t,
                   "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
                   "CREATE INDEX i ON t(v)",
                   NULL),
              session.conn);

    assert_int_equal(ROWS, t.total);
    assert_int_equal(ROWS, t.most);
}

static int run(told *t, const char *sql)
{
    const dbc_migration one = {.version = "1", .name = "one", .sql = sql};
    const dbc_migrate_options options = {.progress = listen, .ud = t};
    const dbc_goal goal = {.kind = DBC_GOAL_UP};
    dbc_migrator *migrator;

    ASSERT_RC(DBC_OK, dbc_migrator_new(&migrator, &one, 1, NULL, NULL),
              session.conn);
    int rc = dbc_migrate(NULL, migrator, session.conn, &goal, &options);
    dbc_migrator_free(migrator);
    return rc;
}

static void counts_rows_of_a_statement_of_a_migration(void **state)
{
    told t = {0};
    (void)state;

    ASSERT_RC(DBC_OK, run(&t, "UPDATE t SET v = " SLOW), session.conn);

    assert_true(t.between > 0);
    assert_int_equal(0, t.total);
}

static void stops_a_statement_of_a_migration(void **state)
{
    told t = {.stop_at = 1};
    (void)state;

    assert_int_equal(DBC_EINTERRUPTED, run(&t, "UPDATE t SET v = " SLOW));

    assert_string_equal("1_one, line 1: the migration was stopped, everything "
                        "is undone",
                        dbc_conn_error(session.conn)->message);
    assert_int_equal(ROWS,
                     ASK_INT(session.conn, "SELECT count(*) FROM t WHERE v = "
                                           "'v'"));
    assert_int_equal(0, ASK_INT(session.conn,
                                "SELECT count(*) FROM sqlite_master WHERE name "
                                "= 'dbcore_migrations'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(counts_rows_while_a_table_is_copied),
        SPEC(stops_between_two_rows),
        SPEC(tells_how_many_rows_an_index_is_built_over),
        SPEC(counts_rows_of_a_statement_of_a_migration),
        SPEC(stops_a_statement_of_a_migration),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
