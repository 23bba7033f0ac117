// Triggers that come, change, get another name and go, on a file with rows, and
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

static void creates_changes_renames_and_drops_a_trigger(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain));
    reach_fill(conn);

    REACH(conn, WATCHED_POSTS(posts_plain, {"count", COUNTING("1")}));
    assert_int_equal(1, reach_bridged(DBC_TRIGGER_ADDED));
    EXEC(conn, "UPDATE posts SET title = 'a' WHERE id = 1");

    REACH(conn, WATCHED_POSTS(posts_plain, {"count", COUNTING("10")}));
    assert_int_equal(1, reach_bridged(DBC_TRIGGER_CHANGED));
    EXEC(conn, "UPDATE posts SET title = 'b' WHERE id = 1");

    REACH(conn, WATCHED_POSTS(posts_plain, {"counting", COUNTING("10")}));
    assert_int_equal(1, reach_bridged(DBC_TRIGGER_ADDED));
    assert_int_equal(1, reach_bridged(DBC_TRIGGER_DROPPED));
    assert_string_equal("counting", reach_triggers(conn));
    EXEC(conn, "UPDATE posts SET title = 'c' WHERE id = 1");

    REACH(conn, POSTS(posts_plain));
    assert_int_equal(1, reach_bridged(DBC_TRIGGER_DROPPED));
    EXEC(conn, "UPDATE posts SET title = 'd' WHERE id = 1");
    assert_int_equal(21,
                     ASK_INT(conn, "SELECT changes FROM posts WHERE id = 1"));
}

// The copy itself makes none of them fire.
static void keeps_triggers_of_a_table_that_is_copied(void **state)
{
    static const char second[] = "AFTER INSERT ON posts BEGIN UPDATE posts SET "
                                 "changes = 100 WHERE id = new.id; END";
    static const char third[] = "BEFORE DELETE ON posts BEGIN SELECT "
                                "RAISE(ABORT, 'posts stay'); END";
    (void)state;
    REACH(conn, POSTS(posts_plain));
    reach_fill(conn);
    REACH(conn, WATCHED_POSTS(posts_plain, {"z_first", COUNTING("1")},
                              {"a_second", second}, {"m_third", third}));

    REACH(conn, WATCHED_POSTS(posts_stricter, {"z_first", COUNTING("1")},
                              {"a_second", second}, {"m_third", third}));

    assert_string_equal("z_first a_second m_third", reach_triggers(conn));
    assert_int_equal(0, ASK_INT(conn, "SELECT sum(changes) FROM posts"));
    EXEC(conn, "UPDATE posts SET title = 'x' WHERE id = 1");
    EXEC(conn, "INSERT INTO posts VALUES (3, 'y', 0)");
    ASSERT_FAILS(DBC_ETRIGGER, conn, "DELETE FROM posts");
    assert_int_equal(101, ASK_INT(conn, "SELECT sum(changes) FROM posts"));
}

static void keeps_the_order_when_a_trigger_is_changed(void **state)
{
    static const char second[] = "AFTER UPDATE ON posts BEGIN SELECT 2; END";
    (void)state;
    REACH(conn,
          WATCHED_POSTS(posts_plain, {"one", COUNTING("1")}, {"two", second}));

    REACH(conn,
          WATCHED_POSTS(posts_plain, {"one", COUNTING("3")}, {"two", second}));

    assert_string_equal("one two", reach_triggers(conn));
}

static void alters_triggers_one_by_one(void **state)
{
    dbc_alteration *a;
    dbc_plan *plan;
    (void)state;
    REACH(conn, WATCHED_POSTS(posts_plain, {"count", COUNTING("1")}));
    reach_fill(conn);

    ASSERT_RC(DBC_OK, dbc_alteration_new(&a, conn), conn);
    dbc_alter_change_column(a, "posts", "title TEXT NOT NULL");
    dbc_alter_drop(a, DBC_OBJECT_TRIGGER, "count");
    dbc_alter_define(a, SQL("CREATE TRIGGER counting " COUNTING("2")));
    ASSERT_RC(DBC_OK, dbc_alteration_plan(&plan, a), conn);
    ASSERT_RC(DBC_OK, dbc_plan_apply(plan, conn, NULL), conn);
    dbc_plan_free(plan);
    dbc_alteration_free(a);

    EXEC(conn, "UPDATE posts SET title = 'newt' WHERE id = 2");
    assert_string_equal("counting", reach_triggers(conn));
    assert_int_equal(2, ASK_INT(conn, "SELECT sum(changes) FROM posts"));
}

static void names_the_nearest_trigger(void **state)
{
    dbc_alteration *a;
    dbc_plan *plan;
    (void)state;
    REACH(conn, WATCHED_POSTS(posts_plain, {"count", COUNTING("1")}));

    ASSERT_RC(DBC_OK, dbc_alteration_new(&a, conn), conn);
    dbc_alter_drop(a, DBC_OBJECT_TRIGGER, "conut");
    assert_true(dbc_alteration_plan(&plan, a) < 0);

    assert_string_equal(
        "there is no trigger \"conut\": did you mean \"count\"?",
        dbc_conn_error(conn)->message);
    dbc_alteration_free(a);
}

// --------------------------------------------------------------------- memory

static int change_and_drop(void *ud, const dbc_alloc *alloc)
{
    static const char made[] =
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, title "
        "TEXT, changes INTEGER); INSERT INTO posts VALUES "
        "(1, 'red fox', 0); CREATE TRIGGER count " COUNTING(
            "1") "; CREATE TRIGGER t AFTER INSERT ON posts "
                 "BEGIN SELECT 1; END;";
    const dbc_table_def second[] = {
        WATCHED_POSTS(posts_stricter, {"counting", COUNTING("2")})};
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
        SPEC(creates_changes_renames_and_drops_a_trigger),
        SPEC(keeps_triggers_of_a_table_that_is_copied),
        SPEC(keeps_the_order_when_a_trigger_is_changed),
        SPEC(alters_triggers_one_by_one),
        SPEC(names_the_nearest_trigger),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("trigger", specs, NULL, NULL);
}
