// Changes one by one: what comes of them, which hints they leave, and what
// cannot be done.
#include <stdio.h>

#include "sqlite_session.h"

static sqlite_session session;

static const char before[] =
    "CREATE TABLE p(id INTEGER PRIMARY KEY, v TEXT, w TEXT);"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id), "
    "n INTEGER CONSTRAINT positive CHECK (n > 0));"
    "CREATE INDEX c_pid ON c(pid);"
    "CREATE VIEW view_of_p AS SELECT v FROM p;"
    "CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE p SET w = new.n; END;"
    "INSERT INTO p VALUES (1, 'a', NULL), (2, 'b', NULL);"
    "INSERT INTO c VALUES (1, 1, 5);";

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, before);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static dbc_alteration *begin(void)
{
    dbc_alteration *a;

    ASSERT_RC(DBC_OK, dbc_alteration_new(&a, session.conn), session.conn);
    return a;
}

// Plans and carries out what was asked for; ends the alteration.
static void finish(dbc_alteration *a)
{
    dbc_plan *plan;

    ASSERT_RC(DBC_OK, dbc_alteration_plan(&plan, a), session.conn);
    ASSERT_RC(DBC_OK, dbc_plan_apply(plan, session.conn, NULL), session.conn);
    dbc_plan_free(plan);
    dbc_alteration_free(a);
}

static void assert_fails_with(const char *message, dbc_alteration *a)
{
    dbc_plan *plan;

    assert_true(dbc_alteration_plan(&plan, a) < 0);
    assert_null(plan);
    assert_string_equal(message, dbc_conn_error(session.conn)->message);
    dbc_alteration_free(a);
}

static void assert_sql(const char *expected, const char *name)
{
    char ask[128];

    snprintf(ask, sizeof ask, "SELECT sql FROM sqlite_master WHERE name = '%s'",
             name);
    assert_string_equal(expected, ASK_TEXT(session.conn, ask));
}

// --------------------------------------------------------------- what it does

static void adds_changes_and_drops_columns(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_add_column(a, "p", "more TEXT DEFAULT 'm'");
    dbc_alter_change_column(a, "p", "\"v\" TEXT NOT NULL");
    dbc_alter_drop_column(a, "p", "w");
    dbc_alter_drop(a, DBC_OBJECT_TRIGGER, "t");
    finish(a);

    assert_sql(
        "CREATE TABLE \"p\"(id INTEGER PRIMARY KEY, \"v\" TEXT NOT NULL, "
        "more TEXT DEFAULT 'm')",
        "p");
    assert_string_equal("am",
                        ASK_TEXT(session.conn, "SELECT v || more FROM p"));
}

static void follows_renames_from_the_first_name_to_the_last(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_rename_table(a, "p", "q");
    dbc_alter_rename_column(a, "q", "v", "x");
    dbc_alter_rename_table(a, "q", "parent");
    dbc_alter_rename_column(a, "parent", "x", "name");
    finish(a);

    assert_string_equal("a", ASK_TEXT(session.conn, "SELECT name FROM parent"));
    assert_string_equal("a", ASK_TEXT(session.conn, "SELECT * FROM view_of_p"));
    assert_string_equal(
        "parent",
        ASK_TEXT(session.conn,
                 "SELECT \"table\" FROM pragma_foreign_key_list('c')"));
}

static void changes_constraints_and_options(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_drop_constraint(a, "c", "positive");
    dbc_alter_add_constraint(a, "c", "CONSTRAINT one UNIQUE (n)");
    dbc_alter_add_constraint(a, "c", "CONSTRAINT one UNIQUE (n, pid)");
    dbc_alter_options(a, "c", "STRICT");
    finish(a);

    assert_sql("CREATE TABLE \"c\"(id INTEGER PRIMARY KEY, pid INTEGER "
               "REFERENCES p(id), n INTEGER,\n  CONSTRAINT one UNIQUE (n, "
               "pid)\n) STRICT",
               "c");
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "sqlite_master WHERE name IN "
                                              "('c_pid')"));
}

static void defines_and_replaces_objects(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_define(a, SQL("CREATE TABLE fresh(a)"));
    dbc_alter_define(a, SQL("CREATE VIEW view_of_p AS SELECT w FROM p"));
    dbc_alter_define(a, SQL("CREATE UNIQUE INDEX c_pid ON c(pid, n)"));
    dbc_alter_define(a,
                     SQL("CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER "
                         "REFERENCES p(id), n INTEGER)"));
    finish(a);

    assert_int_equal(5, ASK_INT(session.conn, "SELECT n FROM c"));
    assert_int_equal(1, ASK_INT(session.conn, "SELECT \"unique\" FROM "
                                              "pragma_index_list('c')"));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM fresh"));
}

static void renames_past_a_view_that_is_broken(void **state)
{
    dbc_alteration *a;
    (void)state;
    EXEC(session.conn, "CREATE VIEW broken AS SELECT nosuch FROM p");

    a = begin();
    dbc_alter_rename_column(a, "c", "n", "count");
    finish(a);

    assert_int_equal(5, ASK_INT(session.conn, "SELECT count FROM c"));
    assert_sql("CREATE VIEW broken AS SELECT nosuch FROM p", "broken");
}

static void passes_hints_on(void **state)
{
    static const dbc_hint hint = {DBC_HINT_BACKFILL, "p", "w", "'none'"};
    dbc_alteration *a = begin();
    (void)state;
    EXEC(session.conn, "UPDATE p SET w = NULL");

    dbc_alter_change_column(a, "p", "w TEXT NOT NULL");
    dbc_alter_hint(a, &hint);
    finish(a);

    assert_string_equal("none", ASK_TEXT(session.conn, "SELECT w FROM p"));
}

static void drops_what_it_was_told_to_without_asking(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_rename_column(a, "c", "n", "m");
    dbc_alter_drop(a, DBC_OBJECT_TRIGGER, "t");
    dbc_alter_drop_constraint(a, "c", "positive");
    dbc_alter_drop_column(a, "c", "m");
    dbc_alter_drop(a, DBC_OBJECT_VIEW, "view_of_p");
    finish(a);

    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "pragma_table_info('c')"));
}

// --------------------------------------------------------- what cannot be done

static void names_the_nearest_of_what_is_not_there(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_rename_column(a, "p", "vv", "x");

    assert_fails_with("there is no column \"vv\": did you mean \"v\"?", a);
}

static void keeps_the_first_failure(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_drop(a, DBC_OBJECT_INDEX, "nothing at all");
    dbc_alter_drop(a, DBC_OBJECT_TABLE, "nobody");
    dbc_alter_add_column(a, "p", "x");

    assert_fails_with("there is no index \"nothing at all\"", a);
}

static void says_what_the_engine_does_not_take(void **state)
{
    dbc_alteration *a = begin();
    (void)state;

    dbc_alter_add_column(a, "p", "V TEXT");
    assert_fails_with("cannot change table \"p\": duplicate column name: V", a);
    a = begin();
    dbc_alter_rename_table(a, "p", "c");
    assert_fails_with("cannot rename table \"p\": there is already another "
                      "table or index with this name: c",
                      a);
    a = begin();
    dbc_alter_rename_column(a, "p", "v", "w");
    assert_fails_with("cannot rename a column of \"p\": error in table p after "
                      "rename: duplicate column name: w",
                      a);
    a = begin();
    dbc_alter_drop_column(a, "c", "pid");
    assert_fails_with("cannot put back index \"c_pid\": no such column: pid",
                      a);
    a = begin();
    dbc_alter_define(a, SQL("CREATE INDEX i ON p(nosuch)"));
    assert_fails_with("cannot create \"i\": no such column: nosuch", a);
    a = begin();
    dbc_alter_options(a, "p", "NONSENSE");
    assert_fails_with("cannot change table \"p\": unknown table option: "
                      "NONSENSE",
                      a);
}

static void refuses_a_definition_that_is_none(void **state)
{
    static const char *const texts[] = {"DROP TABLE p", "", "CREATE",
                                        "SELECT 1"};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        dbc_alteration *a = begin();
        dbc_alter_define(a, texts[i], strlen(texts[i]));
        assert_fails_with("a definition is one CREATE statement of a table, "
                          "index, trigger or view",
                          a);
    }
}

// A definition is any text: it must not lead the parser astray.
static void survives_definitions_that_are_cut(void **state)
{
    static const char text[] = "g TEXT CONSTRAINT \"n n\" AS (v || ')') STORED "
                               "CHECK (g <> '') REFERENCES p(id)";
    char cut[sizeof text];
    dbc_plan *plan;
    (void)state;

    for (size_t len = 0; len < sizeof text; len++) {
        dbc_alteration *a = begin();
        memcpy(cut, text, len);
        cut[len] = '\0';
        dbc_alter_add_column(a, "c", cut);
        dbc_alter_add_constraint(a, "c", cut);
        dbc_alter_change_column(a, "c", cut);
        assert_true(dbc_alteration_plan(&plan, a) < 0);
        dbc_alteration_free(a);
    }
}

// ------------------------------------------------------------------- memory

static int alter_with(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_alteration *a = NULL;
    dbc_conn *conn = NULL;
    dbc_plan *plan = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0)
        rc = dbc_exec(conn, SQL("CREATE TABLE t(a, b CONSTRAINT k UNIQUE);"
                                "CREATE VIEW w AS SELECT nosuch FROM t"));
    if (rc >= 0) rc = dbc_alteration_new(&a, conn);
    if (rc >= 0) {
        dbc_alter_define(a, SQL("CREATE VIEW w AS SELECT more FROM t"));
        dbc_alter_rename_table(a, "t", "u");
        dbc_alter_rename_column(a, "u", "a", "c");
        dbc_alter_change_column(a, "u", "c TEXT");
        dbc_alter_drop_constraint(a, "u", "k");
        dbc_alter_add_constraint(a, "u", "CONSTRAINT k CHECK (c > 0)");
        dbc_alter_options(a, "u", "");
        dbc_alter_drop_column(a, "u", "b");
        rc = dbc_alteration_plan(&plan, a);
    }
    dbc_plan_free(plan);
    dbc_alteration_free(a);
    dbc_close(conn);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(alter_with, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(adds_changes_and_drops_columns),
        SPEC(follows_renames_from_the_first_name_to_the_last),
        SPEC(changes_constraints_and_options),
        SPEC(defines_and_replaces_objects),
        SPEC(renames_past_a_view_that_is_broken),
        SPEC(passes_hints_on),
        SPEC(drops_what_it_was_told_to_without_asking),
        SPEC(names_the_nearest_of_what_is_not_there),
        SPEC(keeps_the_first_failure),
        SPEC(says_what_the_engine_does_not_take),
        SPEC(refuses_a_definition_that_is_none),
        SPEC(survives_definitions_that_are_cut),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("alteration", specs, NULL, NULL);
}
