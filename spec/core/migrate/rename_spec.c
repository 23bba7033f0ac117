// Renames: rings and chains, and those that the engine can do only after the
// table was made simpler.
#include "sqlite_session.h"

static const char before[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c TEXT, UNIQUE(a, b), "
    "CONSTRAINT second UNIQUE(b, a)) WITHOUT ROWID;"
    "CREATE TABLE k(x INTEGER REFERENCES t(a));"
    "CREATE VIEW v AS SELECT a FROM t;"
    "INSERT INTO t VALUES (1, 'one', 'I'), (2, 'two', 'II');"
    "INSERT INTO k VALUES (2);";

static const char after[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, c TEXT, b TEXT, UNIQUE(id, c), "
    "CONSTRAINT second UNIQUE(c, id)) WITHOUT ROWID;"
    "CREATE TABLE k(x INTEGER REFERENCES t(id));"
    "CREATE VIEW v AS SELECT id FROM t;";

static const dbc_hint hints[] = {{DBC_HINT_RENAME_COLUMN, "t", "a", "id"},
                                 {DBC_HINT_RENAME_COLUMN, "t", "b", "c"},
                                 {DBC_HINT_RENAME_COLUMN, "t", "c", "b"}};

static int rename_all(dbc_conn *conn)
{
    dbc_plan_options options = {.hints = hints, .hint_count = COUNT(hints)};
    dbc_catalog *wanted = NULL;
    dbc_plan *plan = NULL;

    int rc = dbc_exec(conn, SQL(before));
    if (rc >= 0) rc = dbc_catalog_of_sql(&wanted, SQL(after), conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, conn, wanted, &options);
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    dbc_plan_free(plan);
    dbc_catalog_free(wanted);
    return rc;
}

static void renames_a_key_on_which_the_engine_stumbles(void **state)
{
    sqlite_session session;
    (void)state;
    sqlite_session_open(&session, NULL, NULL);

    ASSERT_RC(DBC_OK, rename_all(session.conn), session.conn);

    assert_string_equal("1 one I, 2 two II",
                        ASK_TEXT(session.conn,
                                 "SELECT group_concat(id || ' ' || c || ' ' || "
                                 "b, ', ') FROM t ORDER BY id"));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "pragma_foreign_key_check"));
    assert_int_equal(2, ASK_INT(session.conn, "SELECT max(id) FROM v"));
    ASSERT_FAILS(DBC_EUNIQUE, session.conn,
                 "UPDATE t SET id = 1, c = 'one' WHERE id = 2");
    sqlite_session_close(&session);
}

static int rename_with(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *conn = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0) rc = rename_all(conn);
    dbc_close(conn);
    // Without any memory the settings cannot be put back.
    return rc == DBC_EBROKEN ? DBC_ENOMEM : rc;
}

static void renames_or_leaves_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(rename_with, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        cmocka_unit_test(renames_a_key_on_which_the_engine_stumbles),
        cmocka_unit_test(renames_or_leaves_nothing_when_memory_is_out)};

    return cmocka_run_group_tests_name("rename", specs, NULL, NULL);
}
