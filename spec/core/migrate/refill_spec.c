// A full-text index over a table or a view finds what is there after a plan,
// also where no trigger told it: behind a copy, a data step, another view.
#include "sqlite_session.h"

static sqlite_session session;

#define INDEXES                                                              \
    "CREATE VIRTUAL TABLE f USING fts5(v, content='t', content_rowid='id');" \
    "CREATE VIRTUAL TABLE g USING fts5(v, content='heads', "                 \
    "content_rowid='id');"

static const char before[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INT);"
    "CREATE VIEW heads AS SELECT id, 'red ' || v AS v FROM t;" INDEXES;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, before);
    EXEC(session.conn, "INSERT INTO t(id, v) VALUES (1, 'fox'), (2, 'owl');"
                       "INSERT INTO f(f) VALUES ('rebuild');"
                       "INSERT INTO g(g) VALUES ('rebuild')");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static int migrate(dbc_conn *conn, const char *sql, const dbc_hint *hint)
{
    dbc_plan_options options = {.hints = hint, .hint_count = hint != NULL};
    dbc_catalog *wanted = NULL;
    dbc_plan *plan = NULL;

    int rc = dbc_catalog_of_sql(&wanted, sql, strlen(sql), conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, conn, wanted, &options);
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    dbc_plan_free(plan);
    dbc_catalog_free(wanted);
    return rc;
}

// Both indexes hold what they cover: the engine itself compares.
static void assert_in_step(void)
{
    EXEC(session.conn, "INSERT INTO f(f, rank) VALUES ('integrity-check', 1);"
                       "INSERT INTO g(g, rank) VALUES ('integrity-check', 1)");
}

static int64_t count_of(const char *sql)
{
    return ASK_INT(session.conn, sql);
}

static void follows_values_that_a_copy_changes(void **state)
{
    static const dbc_hint copy = {DBC_HINT_COPY, "t", "v", "v || ' cub'"};
    (void)state;

    ASSERT_RC(
        DBC_OK,
        migrate(
            session.conn,
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT NOT NULL, "
            "n INT);"
            "CREATE VIEW heads AS SELECT id, 'red ' || v AS v FROM t;" INDEXES,
            &copy),
        session.conn);

    assert_in_step();
    assert_int_equal(2, count_of("SELECT count(*) FROM f('cub')"));
    assert_int_equal(2, count_of("SELECT count(*) FROM g('cub')"));
}

static void follows_rows_that_a_data_step_changes(void **state)
{
    static const dbc_hint data = {DBC_HINT_DATA, NULL, NULL,
                                  "UPDATE t SET v = 'cub' WHERE id = 1"};
    (void)state;

    ASSERT_RC(
        DBC_OK,
        migrate(
            session.conn,
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INT, "
            "m);"
            "CREATE VIEW heads AS SELECT id, 'red ' || v AS v FROM t;" INDEXES,
            &data),
        session.conn);

    assert_in_step();
    assert_int_equal(1, count_of("SELECT count(*) FROM f('cub')"));
    assert_int_equal(1, count_of("SELECT count(*) FROM g('cub')"));
}

static void follows_a_view_that_is_another_one(void **state)
{
    (void)state;

    ASSERT_RC(DBC_OK,
              migrate(session.conn,
                      "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INT);"
                      "CREATE VIEW heads AS SELECT id, 'blue ' || v AS v FROM "
                      "t;" INDEXES,
                      NULL),
              session.conn);

    assert_in_step();
    assert_int_equal(2, count_of("SELECT count(*) FROM g('blue')"));
}

// What the plan would do to the index `f`, as a text.
static int fills_f(const char *sql, const dbc_hint *hint)
{
    dbc_plan_options options = {.hints = hint, .hint_count = hint != NULL};
    dbc_catalog *wanted = NULL;
    dbc_plan *plan = NULL;

    ASSERT_RC(DBC_OK,
              dbc_catalog_of_sql(&wanted, sql, strlen(sql), session.conn),
              session.conn);
    ASSERT_RC(DBC_OK, dbc_plan_new(&plan, session.conn, wanted, &options),
              session.conn);
    int found = strstr(dbc_plan_script(plan), "INTO \"f\"") != NULL;
    dbc_plan_free(plan);
    dbc_catalog_free(wanted);
    return found;
}

static void is_left_alone_where_its_text_stays(void **state)
{
    static const dbc_hint data = {DBC_HINT_DATA, NULL, NULL,
                                  "DELETE FROM other"};
    static const char wanted[] =
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INT CHECK (n > 0));"
        "CREATE VIRTUAL TABLE f USING fts5(v, content='t', "
        "content_rowid='id');"
        "CREATE TABLE other(a);";
    (void)state;
    EXEC(session.conn, "DROP TABLE g; DROP VIEW heads; CREATE TABLE other(a)");

    assert_false(fills_f(wanted, NULL));
    assert_false(fills_f(wanted, &data));
}

static int migrate_with(void *ud, const dbc_alloc *alloc)
{
    static const dbc_hint copy = {DBC_HINT_COPY, "t", "v", "v || ' cub'"};
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *conn = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0)
        rc = dbc_exec(conn,
                      SQL("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
                          "CREATE VIRTUAL TABLE f USING fts5(v, content='t', "
                          "content_rowid='id')"));
    if (rc >= 0)
        rc = migrate(conn,
                     "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT NOT NULL);"
                     "CREATE VIRTUAL TABLE f USING fts5(v, content='t', "
                     "content_rowid='id');",
                     &copy);
    // What cannot be rolled back without memory leaves the connection broken.
    if (rc == DBC_EBROKEN) rc = DBC_ENOMEM;
    dbc_close(conn);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;

    FAULT_WALK(migrate_with, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(follows_values_that_a_copy_changes),
        SPEC(follows_rows_that_a_data_step_changes),
        SPEC(follows_a_view_that_is_another_one),
        SPEC(is_left_alone_where_its_text_stays),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("refill", specs, NULL, NULL);
}
