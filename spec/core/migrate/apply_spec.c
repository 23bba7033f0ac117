// Carrying plans out: what is refused, what is kept, what happens when the
// host stops it or memory is out.
#include "sqlite_session.h"

static sqlite_session session;

static const char before[] =
    "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id) "
    "ON DELETE CASCADE, old TEXT);"
    "CREATE INDEX c_pid ON c(pid);"
    "CREATE VIEW w AS SELECT v FROM p;"
    "CREATE TRIGGER t AFTER INSERT ON p BEGIN UPDATE c SET old = new.v; END;"
    "INSERT INTO p(v) VALUES ('a'), ('b');"
    "INSERT INTO c VALUES (1, 1, NULL), (2, 2, NULL);";

static const char target[] =
    "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER NOT NULL REFERENCES "
    "p(id) ON DELETE CASCADE, more TEXT DEFAULT 'm');"
    "CREATE INDEX c_pid ON c(pid);"
    "CREATE VIEW w AS SELECT name FROM p;"
    "CREATE TABLE n(a TEXT UNIQUE, CHECK (a <> ''));";

static const dbc_hint hints[] = {{DBC_HINT_RENAME_COLUMN, "p", "v", "name"},
                                 {DBC_HINT_BACKFILL, "c", "pid", "1"}};

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static int plan_for(dbc_plan **out, dbc_conn *conn, const char *sql,
                    const dbc_hint *items, size_t count)
{
    dbc_plan_options options = {.hints = items, .hint_count = count};
    dbc_catalog *wanted = NULL;

    *out = NULL;
    int rc = dbc_catalog_of_sql(&wanted, sql, strlen(sql), conn);
    if (rc >= 0) rc = dbc_plan_new(out, conn, wanted, &options);
    dbc_catalog_free(wanted);
    return rc;
}

static int migrate(dbc_conn *conn, const char *sql, const dbc_hint *items,
                   size_t count, const dbc_apply_options *options)
{
    dbc_plan *plan = NULL;

    int rc = plan_for(&plan, conn, sql, items, count);
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, options);
    dbc_plan_free(plan);
    return rc;
}

static void assert_settings_as_they_were(void)
{
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA foreign_keys"));
    assert_int_equal(0, ASK_INT(session.conn, "PRAGMA legacy_alter_table"));
    assert_int_equal(0, dbc_conn_depth(session.conn));
}

// The first finding that refuses, or NULL.
static const dbc_finding *refusal_of(const dbc_plan *plan)
{
    for (size_t i = 0; i < dbc_plan_finding_count(plan); i++)
        if (dbc_plan_finding(plan, i)->level == DBC_REFUSAL)
            return dbc_plan_finding(plan, i);
    return NULL;
}

static void refusals_bring_the_hints_that_settle_them(void **state)
{
    static const dbc_hint_kind kinds[] = {DBC_HINT_BACKFILL,
                                          DBC_HINT_RENAME_COLUMN};
    dbc_plan *plans[3] = {NULL};
    dbc_hint given[2];
    (void)state;
    EXEC(session.conn, before);
    EXEC(session.conn, "UPDATE c SET pid = NULL");

    for (size_t i = 0; i < COUNT(given); i++) {
        const dbc_finding *found;
        ASSERT_RC(DBC_OK, plan_for(&plans[i], session.conn, target, given, i),
                  session.conn);
        found = refusal_of(plans[i]);
        assert_non_null(found);
        given[i] = found->answers[0];
        assert_int_equal(kinds[1 - i], given[i].kind);
        if (given[i].value == NULL) given[i].value = "1";
    }
    ASSERT_RC(DBC_OK, plan_for(&plans[2], session.conn, target, given, 2),
              session.conn);

    assert_null(refusal_of(plans[2]));
    for (size_t i = 0; i < COUNT(plans); i++)
        dbc_plan_free(plans[i]);
}

static void arrives_and_has_nothing_left_to_do(void **state)
{
    dbc_plan *again = NULL;
    (void)state;
    EXEC(session.conn, before);

    ASSERT_RC(DBC_OK, migrate(session.conn, target, hints, COUNT(hints), NULL),
              session.conn);

    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM c"));
    assert_string_equal("a", ASK_TEXT(session.conn, "SELECT name FROM w"));
    assert_settings_as_they_were();
    ASSERT_RC(DBC_OK, plan_for(&again, session.conn, target, NULL, 0),
              session.conn);
    assert_int_equal(0, dbc_plan_step_count(again));
    assert_int_equal(0, dbc_plan_difference_count(again));
    dbc_plan_free(again);
}

static void refuses_inside_a_transaction_what_drops_a_table(void **state)
{
    dbc_txn txn;
    (void)state;
    EXEC(session.conn, before);
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, session.conn, DBC_TXN_IMMEDIATE),
              session.conn);

    assert_int_equal(DBC_EREFUSED,
                     migrate(session.conn, target, hints, COUNT(hints), NULL));

    assert_true(dbc_txn_is_open(&txn));
    dbc_txn_rollback(&txn);
    assert_settings_as_they_were();
}

static void adds_inside_a_transaction_of_the_caller(void **state)
{
    dbc_txn txn;
    (void)state;
    EXEC(session.conn, "CREATE TABLE a(x TEXT)");
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, session.conn, DBC_TXN_IMMEDIATE),
              session.conn);

    ASSERT_RC(
        DBC_OK,
        migrate(session.conn, "CREATE TABLE a(x TEXT, y TEXT)", NULL, 0, NULL),
        session.conn);

    dbc_txn_rollback(&txn);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "pragma_table_info('a')"));
}

static void refuses_to_lose_a_temporary_trigger(void **state)
{
    (void)state;
    EXEC(session.conn, before);
    EXEC(session.conn, "CREATE TEMP TRIGGER mine AFTER DELETE ON main.p BEGIN "
                       "SELECT 1; END");

    assert_int_equal(DBC_EREFUSED,
                     migrate(session.conn, target, hints, COUNT(hints), NULL));

    assert_non_null(
        strstr(dbc_conn_error(session.conn)->message, "TEMP trigger \"mine\""));
    assert_settings_as_they_were();
}

static void leaves_attached_databases_alone(void **state)
{
    (void)state;
    EXEC(session.conn, before);
    EXEC(session.conn, "ATTACH ':memory:' AS other");
    EXEC(session.conn, "CREATE TABLE other.p(id INTEGER PRIMARY KEY, v TEXT);"
                       "INSERT INTO other.p VALUES (9, 'theirs')");

    ASSERT_RC(DBC_OK, migrate(session.conn, target, hints, COUNT(hints), NULL),
              session.conn);

    assert_string_equal("theirs",
                        ASK_TEXT(session.conn, "SELECT v FROM other.p"));
}

static void says_so_when_the_file_has_changed_since(void **state)
{
    dbc_plan *plan = NULL;
    (void)state;
    EXEC(session.conn, before);
    ASSERT_RC(DBC_OK,
              plan_for(&plan, session.conn, target, hints, COUNT(hints)),
              session.conn);
    EXEC(session.conn, "CREATE TABLE late(x)");

    assert_int_equal(DBC_EDRIFT, dbc_plan_apply(plan, session.conn, NULL));

    dbc_plan_free(plan);
    assert_settings_as_they_were();
}

static int stop_at_third(void *ud, const dbc_progress_info *info)
{
    int *seen = ud;

    *seen = (int)info->step;
    return info->step >= 3;
}

static void undoes_everything_when_the_host_stops_it(void **state)
{
    int seen = 0;
    dbc_apply_options options = {.progress = stop_at_third, .ud = &seen};
    (void)state;
    EXEC(session.conn, before);

    assert_int_equal(DBC_EINTERRUPTED, migrate(session.conn, target, hints,
                                               COUNT(hints), &options));

    assert_int_equal(3, seen);
    assert_string_equal("a", ASK_TEXT(session.conn, "SELECT v FROM p"));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "sqlite_master WHERE name = "
                                              "'n'"));
    assert_settings_as_they_were();
}

static int stop_soon(void *ud, const dbc_progress_info *info)
{
    int *calls = ud;

    return info->rows_total > 0 && ++*calls > 1;
}

static void stops_in_the_middle_of_a_copy(void **state)
{
    int calls = 0;
    dbc_apply_options options = {.progress = stop_soon, .ud = &calls};
    (void)state;
    EXEC(session.conn, "CREATE TABLE big(id INTEGER PRIMARY KEY, v TEXT);"
                       "INSERT INTO big WITH RECURSIVE s(i) AS (SELECT 1 UNION "
                       "ALL SELECT i + 1 FROM s WHERE i < 400000) SELECT i, "
                       "printf('%040d', i) FROM s");

    int rc = migrate(session.conn,
                     "CREATE TABLE big(id INTEGER PRIMARY KEY, v TEXT NOT "
                     "NULL)",
                     NULL, 0, &options);

    // A machine may be so fast that there is nothing left to stop.
    if (rc != DBC_OK) assert_int_equal(DBC_EINTERRUPTED, rc);
    assert_int_equal(400000, ASK_INT(session.conn, "SELECT count(*) FROM big"));
    assert_settings_as_they_were();
}

static void twice(dbc_call *call, void *ud, const dbc_value *args, size_t count)
{
    (void)ud;
    (void)count;
    dbc_call_return(call, dbc_value_int(args[0].as.i * 2));
}

static void migrates_what_functions_of_the_host_are_needed_for(void **state)
{
    dbc_function function = {.name = "twice",
                             .arg_count = 1,
                             .flags = DBC_FUNCTION_DETERMINISTIC |
                                      DBC_FUNCTION_INNOCUOUS,
                             .call = twice};
    (void)state;
    ASSERT_RC(DBC_OK, dbc_create_function(session.conn, &function),
              session.conn);
    EXEC(session.conn, "CREATE TABLE f(a INT CHECK (twice(a) > 0), b TEXT);"
                       "CREATE INDEX fi ON f(twice(a));"
                       "INSERT INTO f VALUES (1, 'x')");

    ASSERT_RC(DBC_OK,
              migrate(session.conn,
                      "CREATE TABLE f(a INT CHECK (twice(a) > 0), b TEXT NOT "
                      "NULL); CREATE INDEX fi ON f(twice(a));",
                      NULL, 0, NULL),
              session.conn);

    assert_int_equal(
        1, ASK_INT(session.conn, "SELECT count(*) FROM f WHERE twice(a) = 2"));
}

static void refuses_a_table_whose_function_nobody_knows(void **state)
{
    (void)state;

    assert_int_equal(DBC_EREFUSED,
                     migrate(session.conn,
                             "CREATE TABLE f(a INT CHECK (twice(a) > 0))", NULL,
                             0, NULL));

    assert_non_null(strstr(dbc_conn_error(session.conn)->message, "twice"));
}

// Whether some refusal is about that column.
static int is_refused(const dbc_plan *plan, const char *column)
{
    for (size_t i = 0; i < dbc_plan_finding_count(plan); i++) {
        const dbc_finding *found = dbc_plan_finding(plan, i);
        if (found->level == DBC_REFUSAL && found->column != NULL &&
            strcmp(found->column, column) == 0)
            return 1;
    }
    return 0;
}

static void a_strict_table_refuses_values_of_other_types(void **state)
{
    static const char wanted[] =
        "CREATE TABLE s(id INTEGER PRIMARY KEY, t TEXT, b BLOB, r REAL, "
        "i INTEGER, a ANY) STRICT";
    static const char *const columns[] = {"t", "b", "r", "i"};
    dbc_plan *plan;
    (void)state;
    EXEC(session.conn, "CREATE TABLE s(id INTEGER PRIMARY KEY, t TEXT, b BLOB, "
                       "r REAL, i INTEGER, a);"
                       "INSERT INTO s VALUES (1, x'00', 'text', 'abc', 1.5, "
                       "'any'), (2, 'text', x'00', 2.5, 2, 1)");

    ASSERT_RC(DBC_OK, plan_for(&plan, session.conn, wanted, NULL, 0),
              session.conn);
    for (size_t i = 0; i < COUNT(columns); i++)
        assert_int_equal(1, is_refused(plan, columns[i]));
    assert_int_equal(0, is_refused(plan, "a"));
    dbc_plan_free(plan);

    EXEC(session.conn, "DELETE FROM s WHERE id = 1");
    ASSERT_RC(DBC_OK, migrate(session.conn, wanted, NULL, 0, NULL),
              session.conn);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM s"));
}

static void names_the_nearest_when_a_hint_names_nothing(void **state)
{
    static const dbc_hint wrong = {DBC_HINT_BACKFILL, "c", "pidd", "1"};
    (void)state;
    EXEC(session.conn, before);

    assert_int_equal(DBC_EREFUSED,
                     migrate(session.conn, target, &wrong, 1, NULL));

    assert_string_equal(
        "the backfill of c.pidd: there is no column \"pidd\" in table "
        "\"c\": did you mean \"pid\"?",
        dbc_conn_error(session.conn)->message);
}

static int migrate_with(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *conn = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0) rc = dbc_exec(conn, SQL(before));
    if (rc >= 0) rc = migrate(conn, target, hints, COUNT(hints), NULL);
    if (rc == DBC_EBROKEN) rc = DBC_ENOMEM; // the settings are as they were not
    if (conn && rc < 0 && rc != DBC_ENOMEM)
        fail_msg("%s", dbc_conn_error(conn)->message);
    dbc_close(conn);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(migrate_with, NULL);
}

static int alter_with(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_alteration *a = NULL;
    dbc_plan *plan = NULL;
    dbc_conn *conn = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0) rc = dbc_exec(conn, SQL(before));
    if (rc >= 0) rc = dbc_alteration_new(&a, conn);
    if (rc >= 0) {
        dbc_alter_rename_table(a, "c", "child");
        dbc_alter_add_column(a, "child", "extra TEXT DEFAULT 'e'");
        dbc_alter_drop_column(a, "child", "old");
        dbc_alter_add_constraint(a, "child", "CONSTRAINT k CHECK (id > 0)");
        dbc_alter_drop(a, DBC_OBJECT_TRIGGER, "t");
        dbc_alter_define(a, SQL("CREATE TABLE fresh(x INT)"));
        rc = dbc_alteration_plan(&plan, a);
    }
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    if (rc == DBC_EBROKEN) rc = DBC_ENOMEM;
    if (conn && rc < 0 && rc != DBC_ENOMEM)
        fail_msg("%s", dbc_conn_error(conn)->message);
    dbc_plan_free(plan);
    dbc_alteration_free(a);
    dbc_close(conn);
    return rc;
}

static void alters_or_leaves_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(alter_with, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(refusals_bring_the_hints_that_settle_them),
        SPEC(arrives_and_has_nothing_left_to_do),
        SPEC(refuses_inside_a_transaction_what_drops_a_table),
        SPEC(adds_inside_a_transaction_of_the_caller),
        SPEC(refuses_to_lose_a_temporary_trigger),
        SPEC(leaves_attached_databases_alone),
        SPEC(says_so_when_the_file_has_changed_since),
        SPEC(undoes_everything_when_the_host_stops_it),
        SPEC(stops_in_the_middle_of_a_copy),
        SPEC(migrates_what_functions_of_the_host_are_needed_for),
        SPEC(refuses_a_table_whose_function_nobody_knows),
        SPEC(a_strict_table_refuses_values_of_other_types),
        SPEC(names_the_nearest_when_a_hint_names_nothing),
        SPEC(leaves_nothing_behind_when_memory_is_out),
        SPEC(alters_or_leaves_nothing_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
