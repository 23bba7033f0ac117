// What a schema needs and a connection lacks: it is refused while planning,
// with the name of what is missing, and only where a step would need it.
#include <sqlite3.h>

#include "sqlite_session.h"
#include "stand_in.h"

static sqlite_session session;

static void call_twice(dbc_call *call, void *ud, const dbc_value *args,
                       size_t count)
{
    (void)ud;
    (void)count;
    dbc_call_return(call, dbc_value_int(args[0].as.i * 2));
}

static int compare_lengths(dbc_call *call, void *ud, const char *a,
                           size_t a_len, const char *b, size_t b_len)
{
    (void)call;
    (void)ud;
    (void)a;
    (void)b;
    return (a_len > b_len) - (a_len < b_len);
}

static void know(dbc_conn *conn, unsigned flags)
{
    dbc_function twice = {.name = "twice",
                          .arg_count = 1,
                          .flags = flags | DBC_FUNCTION_DETERMINISTIC,
                          .call = call_twice};
    dbc_collation lengths = {.name = "lengths", .compare = compare_lengths};

    ASSERT_RC(DBC_OK, dbc_create_function(conn, &twice), conn);
    ASSERT_RC(DBC_OK, dbc_create_collation(conn, &lengths), conn);
}

static void forget(dbc_conn *conn)
{
    dbc_function twice = {.name = "twice", .arg_count = 1};
    dbc_collation lengths = {.name = "lengths"};

    ASSERT_RC(DBC_OK, dbc_create_function(conn, &twice), conn);
    ASSERT_RC(DBC_OK, dbc_create_collation(conn, &lengths), conn);
}

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    know(session.conn, DBC_FUNCTION_INNOCUOUS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static int plan_to(dbc_plan **out, const char *sql, const dbc_hint *hint)
{
    dbc_plan_options options = {.hints = hint, .hint_count = hint != NULL};
    dbc_catalog *wanted = NULL;

    *out = NULL;
    int rc = dbc_catalog_of_sql(&wanted, sql, strlen(sql), session.conn);
    if (rc >= 0) rc = dbc_plan_new(out, session.conn, wanted, &options);
    dbc_catalog_free(wanted);
    return rc;
}

// It is not planned, and the error is this one.
static void assert_refused(const char *message, const char *sql,
                           const dbc_hint *hint)
{
    dbc_plan *plan;

    int rc = plan_to(&plan, sql, hint);

    assert_int_equal(DBC_EREFUSED, rc);
    assert_null(plan);
    assert_string_equal(message, dbc_conn_error(session.conn)->message);
}

// It is planned and carried out.
static void assert_migrates(const char *sql)
{
    dbc_plan *plan;

    ASSERT_RC(DBC_OK, plan_to(&plan, sql, NULL), session.conn);
    ASSERT_RC(DBC_OK, dbc_plan_apply(plan, session.conn, NULL), session.conn);
    dbc_plan_free(plan);
}

#define NO_FUNCTION(step)                                             \
    step ": the function \"twice\" is not known on this connection: " \
         "register it there first"
#define NO_COLLATION(step)                                               \
    step ": the collation \"lengths\" is not known on this connection: " \
         "register it there first"

// ---------------------------------------------------------- what is refused

static void names_the_function_of_a_new_table(void **state)
{
    (void)state;
    forget(session.conn);

    assert_refused(NO_FUNCTION("create table \"t\""),
                   "CREATE TABLE t(a CHECK (twice(a) > 0))", NULL);
}

static void names_the_function_of_a_new_index(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a)");
    forget(session.conn);

    assert_refused(NO_FUNCTION("create index \"i\""),
                   "CREATE TABLE t(a); CREATE INDEX i ON t(twice(a));", NULL);
}

static void names_the_collation_of_a_new_column(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a)");
    forget(session.conn);

    assert_refused(NO_COLLATION("create table \"u\""),
                   "CREATE TABLE t(a); CREATE TABLE u(a COLLATE lengths)",
                   NULL);
}

static void names_the_module_of_a_new_table(void **state)
{
    (void)state;

    assert_refused("create table \"v\": the module \"nowhere\" is not known on "
                   "this connection: load its extension there first",
                   "CREATE VIRTUAL TABLE v USING nowhere(a)", NULL);
}

static void names_the_function_of_a_check_that_a_copy_keeps(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a CHECK (twice(a) > 0), b)");
    forget(session.conn);

    assert_refused(NO_FUNCTION("copy \"t\" into its new form"),
                   "CREATE TABLE t(a CHECK (twice(a) > 0), b NOT NULL)", NULL);
}

static void names_the_function_of_a_generated_column_that_is_kept(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a, g AS (twice(a)), b)");
    forget(session.conn);

    assert_refused(NO_FUNCTION("copy \"t\" into its new form"),
                   "CREATE TABLE t(a, g AS (twice(a)), b NOT NULL)", NULL);
}

static void names_the_function_of_an_index_that_a_copy_keeps(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a, b); CREATE INDEX i ON t(twice(a))");
    forget(session.conn);

    assert_refused(NO_FUNCTION("put back index \"i\""),
                   "CREATE TABLE t(a, b NOT NULL);"
                   "CREATE INDEX i ON t(twice(a))",
                   NULL);
}

static void names_the_collation_of_an_index_that_a_copy_keeps(void **state)
{
    (void)state;
    EXEC(session.conn,
         "CREATE TABLE t(a, b); CREATE INDEX i ON t(a COLLATE lengths)");
    forget(session.conn);

    assert_refused(NO_COLLATION("put back index \"i\""),
                   "CREATE TABLE t(a, b NOT NULL);"
                   "CREATE INDEX i ON t(a COLLATE lengths)",
                   NULL);
}

static void names_the_function_that_a_data_step_would_need(void **state)
{
    static const dbc_hint data = {DBC_HINT_DATA, NULL, NULL,
                                  "UPDATE t SET a = 1"};
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a CHECK (twice(a) > 0))");
    forget(session.conn);

    assert_refused(NO_FUNCTION("the data step given"),
                   "CREATE TABLE t(a CHECK (twice(a) > 0)); CREATE TABLE n(a)",
                   &data);
}

static void refuses_a_new_column_view_and_trigger(void **state)
{
    dbc_plan *plan;
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a)");
    forget(session.conn);

    ASSERT_RC(DBC_OK,
              plan_to(&plan,
                      "CREATE TABLE t(a, b AS (twice(a)));"
                      "CREATE TABLE u(a);"
                      "CREATE VIEW w AS SELECT twice(a) FROM u;"
                      "CREATE TRIGGER g AFTER INSERT ON u BEGIN "
                      "DELETE FROM u WHERE twice(a) = 2; END;",
                      NULL),
              session.conn);

    assert_int_equal(3, dbc_plan_finding_count(plan));
    for (size_t i = 0; i < 3; i++) {
        const dbc_finding *found = dbc_plan_finding(plan, i);
        assert_int_equal(DBC_REFUSAL, found->level);
        assert_string_equal("register it there first", found->fix);
        assert_non_null(strstr(found->message,
                               "does not work: the function \"twice\" is not "
                               "known on this connection"));
    }
    assert_int_equal(DBC_EREFUSED, dbc_plan_apply(plan, session.conn, NULL));
    dbc_plan_free(plan);
}

static void refuses_a_function_that_is_not_for_schemas(void **state)
{
    dbc_plan *plan;
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a)");
    forget(session.conn);
    know(session.conn, 0);

    ASSERT_RC(DBC_OK,
              plan_to(&plan,
                      "CREATE TABLE t(a);"
                      "CREATE VIEW w AS SELECT twice(a) FROM t;",
                      NULL),
              session.conn);

    assert_int_equal(1, dbc_plan_finding_count(plan));
    assert_string_equal("register it as innocuous, or trust the schema",
                        dbc_plan_finding(plan, 0)->fix);
    dbc_plan_free(plan);
}

// ------------------------------------------------------------- what goes on

static void changes_what_does_not_need_it(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t(a CHECK (twice(a) > 0) COLLATE lengths);"
                       "CREATE INDEX i ON t(twice(a));"
                       "INSERT INTO t VALUES (3);"
                       "CREATE TABLE u(a)");
    forget(session.conn);

    assert_migrates("CREATE TABLE t(a CHECK (twice(a) > 0) COLLATE lengths);"
                    "CREATE INDEX i ON t(twice(a));"
                    "CREATE TABLE u(a NOT NULL); CREATE TABLE n(a);");

    assert_int_equal(3, ASK_INT(session.conn, "SELECT a FROM t"));
}

static void keeps_views_and_triggers_that_did_not_work_before(void **state)
{
    static const char old[] = "CREATE TABLE t(a);"
                              "CREATE VIEW w AS SELECT twice(a) FROM t;"
                              "CREATE TRIGGER g AFTER INSERT ON t BEGIN "
                              "DELETE FROM t WHERE twice(a) = 2; END;";
    (void)state;
    EXEC(session.conn, old);
    forget(session.conn);

    assert_migrates("CREATE TABLE t(a NOT NULL);"
                    "CREATE VIEW w AS SELECT twice(a) FROM t;"
                    "CREATE TRIGGER g AFTER INSERT ON t BEGIN "
                    "DELETE FROM t WHERE twice(a) = 2; END;");

    know(session.conn, DBC_FUNCTION_INNOCUOUS);
    EXEC(session.conn, "INSERT INTO t VALUES (1), (2)");
    assert_int_equal(4, ASK_INT(session.conn, "SELECT * FROM w"));
}

static void *begin_sum(dbc_call *call, void *ud)
{
    (void)call;
    return ud;
}

static void add_to_sum(dbc_call *call, void *state, const dbc_value *args,
                       size_t count)
{
    (void)call;
    (void)count;
    *(int64_t *)state += args[0].as.i;
}

static void take_from_sum(dbc_call *call, void *state, const dbc_value *args,
                          size_t count)
{
    (void)call;
    (void)count;
    *(int64_t *)state -= args[0].as.i;
}

static void give_sum(dbc_call *call, void *state)
{
    dbc_call_return(call, dbc_value_int(*(int64_t *)state));
}

static void end_sum(void *state)
{
    *(int64_t *)state = 0;
}

static void knows_aggregates_and_windows_of_the_host(void **state)
{
    int64_t sum = 0;
    dbc_aggregate total = {.name = "host_sum",
                           .arg_count = 1,
                           .flags = DBC_FUNCTION_INNOCUOUS,
                           .ud = &sum,
                           .begin = begin_sum,
                           .step = add_to_sum,
                           .inverse = take_from_sum,
                           .value = give_sum,
                           .end = end_sum};
    (void)state;
    ASSERT_RC(DBC_OK, dbc_create_aggregate(session.conn, &total), session.conn);
    EXEC(session.conn, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");

    assert_migrates("CREATE TABLE t(a);"
                    "CREATE VIEW v AS SELECT host_sum(a) FILTER (WHERE a > 1) "
                    "FROM t;"
                    "CREATE VIEW w AS SELECT host_sum(a) OVER (ORDER BY a) "
                    "FROM t;");

    assert_int_equal(2, ASK_INT(session.conn, "SELECT * FROM v"));
}

// ------------------------------------------------------------------ modules

static int connect_none(sqlite3 *db, void *ud, int argc,
                        const char *const *argv, sqlite3_vtab **out, char **err)
{
    (void)ud;
    (void)argc;
    (void)argv;
    (void)err;
    *out = sqlite3_malloc(sizeof **out);
    if (!*out) return SQLITE_NOMEM;
    memset(*out, 0, sizeof **out);
    return sqlite3_declare_vtab(db, "CREATE TABLE x(a)");
}

static int disconnect_none(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int plan_none(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    (void)info;
    return SQLITE_OK;
}

static int open_none(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    *out = sqlite3_malloc(sizeof **out);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int close_none(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int filter_none(sqlite3_vtab_cursor *cursor, int number,
                       const char *text, int argc, sqlite3_value **argv)
{
    (void)cursor;
    (void)number;
    (void)text;
    (void)argc;
    (void)argv;
    return SQLITE_OK;
}

static int next_none(sqlite3_vtab_cursor *cursor)
{
    (void)cursor;
    return SQLITE_OK;
}

static int is_end(sqlite3_vtab_cursor *cursor)
{
    (void)cursor;
    return 1;
}

static int column_none(sqlite3_vtab_cursor *cursor, sqlite3_context *context,
                       int i)
{
    (void)cursor;
    (void)context;
    (void)i;
    return SQLITE_OK;
}

static int rowid_none(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    (void)cursor;
    *out = 0;
    return SQLITE_OK;
}

static const sqlite3_module none = {.xCreate = connect_none,
                                    .xConnect = connect_none,
                                    .xBestIndex = plan_none,
                                    .xDisconnect = disconnect_none,
                                    .xDestroy = disconnect_none,
                                    .xOpen = open_none,
                                    .xClose = close_none,
                                    .xFilter = filter_none,
                                    .xNext = next_none,
                                    .xEof = is_end,
                                    .xColumn = column_none,
                                    .xRowid = rowid_none};

static void names_the_module_of_a_table_that_goes(void **state)
{
    sqlite3 *handle = dbc_conn_native(session.conn);
    (void)state;
    sqlite3_create_module(handle, "none", &none, NULL);
    EXEC(session.conn, "CREATE TABLE t(a); CREATE VIRTUAL TABLE v USING none");
    sqlite3_create_module(handle, "none", NULL, NULL);

    assert_refused("drop table \"v\": the module \"none\" is not known on "
                   "this connection: load its extension there first",
                   "CREATE TABLE t(a)", NULL);
}

static void creates_and_drops_tables_of_a_module_of_the_host(void **state)
{
    sqlite3 *handle = dbc_conn_native(session.conn);
    (void)state;
    assert_int_equal(SQLITE_OK,
                     sqlite3_create_module(handle, "none", &none, NULL));
    EXEC(session.conn, "CREATE TABLE t(a)");

    assert_migrates("CREATE TABLE t(a NOT NULL);"
                    "CREATE VIRTUAL TABLE v USING none(1)");
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM v"));
    assert_refused("make the virtual table \"v\" anew: what its module "
                   "\"none\" makes of that cannot be tried out in memory: drop "
                   "it and create it anew",
                   "CREATE TABLE t(a NOT NULL);"
                   "CREATE VIRTUAL TABLE v USING none(2)",
                   NULL);
    assert_migrates("CREATE TABLE t(a NOT NULL)");

    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "sqlite_master WHERE name = "
                                              "'v'"));
}

// -------------------------------------------------------------------- words

static void reads_what_is_lacked_from_a_message(void **state)
{
    static const struct {
        const char *message, *name;
        dbc__lack_kind kind;
    } cases[] = {{"no such function: f", "f", DBC__LACK_FUNCTION},
                 {"unknown function: f()", "f", DBC__LACK_FUNCTION},
                 {"error in index i: no such collation sequence: k", "k",
                  DBC__LACK_COLLATION},
                 {"no such module: m", "m", DBC__LACK_MODULE},
                 {"unsafe use of f()", "f", DBC__LACK_TRUST},
                 {"unsafe use of virtual table \"v\"", "", DBC__LACK_NOTHING},
                 {"no such table: no such function", "", DBC__LACK_NOTHING},
                 {"a no such module: m", "", DBC__LACK_NOTHING},
                 {"", "", DBC__LACK_NOTHING}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc__lack lack = dbc__lack_of(cases[i].message);
        assert_int_equal(cases[i].kind, lack.kind);
        assert_string_equal(cases[i].name, lack.name);
    }
}

static void takes_a_function_and_a_collation_away(void **state)
{
    (void)state;
    assert_int_equal(4, ASK_INT(session.conn, "SELECT twice(2)"));

    forget(session.conn);

    ASSERT_FAILS(DBC_ESCHEMA, session.conn, "SELECT twice(2)");
    ASSERT_FAILS(DBC_EDATABASE, session.conn,
                 "SELECT 'a' < 'b' COLLATE lengths");
    know(session.conn, 0);
    assert_int_equal(4, ASK_INT(session.conn, "SELECT twice(2)"));
}

// ------------------------------------------------------------------- memory

static int plan_with(void *ud, const dbc_alloc *alloc)
{
    static const char wanted_sql[] =
        "CREATE TABLE t(a CHECK (twice(a) > 0) COLLATE lengths, b NOT NULL);"
        "CREATE INDEX i ON t(twice(a));"
        "CREATE VIEW w AS SELECT twice(a) FROM t;"
        "CREATE VIRTUAL TABLE v USING nowhere(a);";
    dbc_open_options options = {.alloc = alloc};
    dbc_catalog *wanted = NULL;
    dbc_conn *conn = NULL;
    dbc_plan *plan = NULL;
    dbc_function twice = {.name = "twice",
                          .arg_count = 1,
                          .flags = DBC_FUNCTION_INNOCUOUS |
                                   DBC_FUNCTION_DETERMINISTIC,
                          .call = call_twice};
    dbc_collation lengths = {.name = "lengths", .compare = compare_lengths};
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0) rc = dbc_create_function(conn, &twice);
    if (rc >= 0) rc = dbc_create_collation(conn, &lengths);
    if (rc >= 0)
        rc = dbc_exec(conn, SQL("CREATE TABLE t(a CHECK (twice(a) > 0) COLLATE "
                                "lengths, b); CREATE INDEX i ON t(twice(a))"));
    if (rc >= 0) rc = dbc_catalog_of_sql(&wanted, SQL(wanted_sql), conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, conn, wanted, NULL);
    // The module is what it has to end with.
    if (rc == DBC_EREFUSED && strstr(dbc_conn_error(conn)->message, "nowhere"))
        rc = DBC_OK;
    dbc_plan_free(plan);
    dbc_catalog_free(wanted);
    dbc_close(conn);
    return rc;
}

static void loses_nothing_when_memory_runs_out(void **state)
{
    (void)state;
    FAULT_WALK(plan_with, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(names_the_function_of_a_new_table),
        SPEC(names_the_function_of_a_new_index),
        SPEC(names_the_collation_of_a_new_column),
        SPEC(names_the_module_of_a_new_table),
        SPEC(names_the_function_of_a_check_that_a_copy_keeps),
        SPEC(names_the_function_of_a_generated_column_that_is_kept),
        SPEC(names_the_function_of_an_index_that_a_copy_keeps),
        SPEC(names_the_collation_of_an_index_that_a_copy_keeps),
        SPEC(names_the_function_that_a_data_step_would_need),
        SPEC(names_the_module_of_a_table_that_goes),
        SPEC(refuses_a_new_column_view_and_trigger),
        SPEC(refuses_a_function_that_is_not_for_schemas),
        SPEC(changes_what_does_not_need_it),
        SPEC(keeps_views_and_triggers_that_did_not_work_before),
        SPEC(knows_aggregates_and_windows_of_the_host),
        SPEC(creates_and_drops_tables_of_a_module_of_the_host),
        SPEC(reads_what_is_lacked_from_a_message),
        SPEC(takes_a_function_and_a_collation_away),
        cmocka_unit_test(loses_nothing_when_memory_runs_out)};

    return cmocka_run_group_tests(specs, NULL, NULL);
}
