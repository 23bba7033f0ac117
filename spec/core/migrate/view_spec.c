// Views that come, change, get another name and go, on a file with rows, and
// whose tables are copied below them.
#include "reach.h"

static sqlite_session session;
static dbc_conn *conn; // of the session

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    conn = session.conn;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

#define HEADS   "SELECT id, title FROM posts"
#define SHOUTED "SELECT id, upper(title) AS title FROM posts"

static void creates_changes_renames_and_drops_a_view(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain));
    reach_fill(conn);

    REACH(conn, POSTS(posts_plain), VIEW("heads", HEADS));
    assert_int_equal(1, reach_bridged(DBC_VIEW_ADDED));
    assert_string_equal("red fox", ASK_TEXT(conn, "SELECT title FROM heads"));

    REACH(conn, POSTS(posts_plain), VIEW("heads", SHOUTED));
    assert_int_equal(1, reach_bridged(DBC_VIEW_CHANGED));
    assert_string_equal("RED FOX", ASK_TEXT(conn, "SELECT title FROM heads"));

    REACH(conn, POSTS(posts_plain), VIEW("titles", SHOUTED));
    assert_int_equal(1, reach_bridged(DBC_VIEW_ADDED));
    assert_int_equal(1, reach_bridged(DBC_VIEW_DROPPED));
    assert_string_equal("RED FOX", ASK_TEXT(conn, "SELECT title FROM titles"));

    REACH(conn, POSTS(posts_plain));
    assert_int_equal(1, reach_bridged(DBC_VIEW_DROPPED));
    assert_int_equal(2, ASK_INT(conn, "SELECT count(*) FROM posts"));
}

static void keeps_views_over_a_table_that_is_copied(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain), VIEW("heads", HEADS),
          VIEW("above", "SELECT id, title FROM heads WHERE id > 1"));
    reach_fill(conn);

    REACH(conn, POSTS(posts_stricter), VIEW("heads", HEADS),
          VIEW("above", "SELECT id, title FROM heads WHERE id > 1"));

    assert_int_equal(0, reach_bridged(DBC_VIEW_CHANGED));
    assert_int_equal(2, ASK_INT(conn, "SELECT count(*) FROM heads"));
    assert_string_equal("owl", ASK_TEXT(conn, "SELECT title FROM above"));
    ASSERT_FAILS(DBC_ENOTNULL, conn, "INSERT INTO posts (changes) VALUES (1)");
}

static void changes_a_view_below_another_one(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain), VIEW("base", HEADS),
          VIEW("above", "SELECT id, title FROM base"));
    reach_fill(conn);

    REACH(conn, POSTS(posts_plain), VIEW("base", SHOUTED),
          VIEW("above", "SELECT id, title FROM base"));

    assert_string_equal("RED FOX", ASK_TEXT(conn, "SELECT title FROM above"));
}

static void keeps_the_trigger_that_makes_a_view_writable(void **state)
{
    static const char insert[] =
        "INSTEAD OF INSERT ON heads BEGIN INSERT INTO posts (title, changes) "
        "VALUES (new.title, 0); END";
    (void)state;
    REACH(conn, POSTS(posts_plain),
          WRITABLE_VIEW("heads", HEADS, {"heads_insert", insert}));

    REACH(conn, POSTS(posts_stricter),
          WRITABLE_VIEW("heads", SHOUTED, {"heads_insert", insert}));

    EXEC(conn, "INSERT INTO heads (title) VALUES ('owl')");
    assert_string_equal("OWL", ASK_TEXT(conn, "SELECT title FROM heads"));
}

static void follows_a_column_that_is_renamed(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain), VIEW("heads", HEADS));
    reach_fill(conn);

    REACH(conn, POSTS(posts_headed),
          VIEW("heads", "SELECT id, head AS title FROM posts"));

    assert_int_equal(1, reach_bridged(DBC_COLUMN_RENAMED));
    assert_string_equal("red fox", ASK_TEXT(conn, "SELECT title FROM heads"));
}

static void alters_views_one_by_one(void **state)
{
    dbc_alteration *a;
    dbc_plan *plan;
    (void)state;
    REACH(conn, POSTS(posts_plain), VIEW("heads", HEADS), VIEW("old", HEADS));
    reach_fill(conn);

    ASSERT_RC(DBC_OK, dbc_alteration_new(&a, conn), conn);
    dbc_alter_change_column(a, "posts", "title TEXT NOT NULL");
    dbc_alter_define(a, SQL("CREATE VIEW heads AS " SHOUTED));
    dbc_alter_define(a, SQL("CREATE VIEW more AS SELECT id FROM heads"));
    dbc_alter_drop(a, DBC_OBJECT_VIEW, "old");
    ASSERT_RC(DBC_OK, dbc_alteration_plan(&plan, a), conn);
    ASSERT_RC(DBC_OK, dbc_plan_apply(plan, conn, NULL), conn);
    dbc_plan_free(plan);
    dbc_alteration_free(a);

    assert_string_equal("RED FOX", ASK_TEXT(conn, "SELECT title FROM heads"));
    assert_int_equal(2, ASK_INT(conn, "SELECT count(*) FROM more"));
    ASSERT_FAILS(DBC_ESCHEMA, conn, "SELECT * FROM old");
}

static void names_the_nearest_view(void **state)
{
    dbc_alteration *a;
    dbc_plan *plan;
    (void)state;
    REACH(conn, POSTS(posts_plain), VIEW("heads", HEADS));

    ASSERT_RC(DBC_OK, dbc_alteration_new(&a, conn), conn);
    dbc_alter_drop(a, DBC_OBJECT_VIEW, "head");
    assert_true(dbc_alteration_plan(&plan, a) < 0);

    assert_string_equal("there is no view \"head\": did you mean \"heads\"?",
                        dbc_conn_error(conn)->message);
    dbc_alteration_free(a);
}

static void refuses_a_view_of_what_is_not_there(void **state)
{
    const dbc_table_def defs[] = {
        POSTS(posts_plain), VIEW("heads", "SELECT id, nosuch FROM posts")};
    (void)state;
    REACH(conn, POSTS(posts_plain));
    reach_fill(conn);

    assert_true(reach_try(conn, defs, COUNT(defs), NULL) < 0);

    assert_non_null(strstr(dbc_conn_error(conn)->message, "nosuch"));
    assert_int_equal(1, ASK_INT(conn, "SELECT count(*) FROM sqlite_schema"));
}

// --------------------------------------------------------------------- memory

static int change_and_drop(void *ud, const dbc_alloc *alloc)
{
    static const char made[] =
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, title "
        "TEXT, changes INTEGER); INSERT INTO posts VALUES "
        "(1, 'red fox', 0); CREATE VIEW heads AS " HEADS
        "; CREATE VIEW above AS SELECT id FROM heads;";
    const dbc_table_def second[] = {POSTS(posts_stricter),
                                    VIEW("heads", SHOUTED)};
    (void)ud;

    return reach_from(made, second, COUNT(second), alloc);
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(change_and_drop, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(creates_changes_renames_and_drops_a_view),
        SPEC(keeps_views_over_a_table_that_is_copied),
        SPEC(changes_a_view_below_another_one),
        SPEC(keeps_the_trigger_that_makes_a_view_writable),
        SPEC(follows_a_column_that_is_renamed),
        SPEC(alters_views_one_by_one),
        SPEC(names_the_nearest_view),
        SPEC(refuses_a_view_of_what_is_not_there),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("view", specs, NULL, NULL);
}
