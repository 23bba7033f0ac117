// Full-text indexes with their triggers that come, change, get another name and
// go, on a file with rows, and whose tables are copied below them.
#include <stdio.h>

#include "reach.h"

static sqlite_session session;
static dbc_conn *conn; // of the session

// The engine lets triggers write to such an index only in a file that is
// trusted (before 3.44).
static const dbc_open_options trusting = {.flags = DBC_OPEN_TRUSTED_SCHEMA};

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, &trusting);
    conn = session.conn;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static const dbc_column_def searched[] = {
    {.name = "title", .type = DBC_T_TEXT}};
static const dbc_column_def searched_head[] = {
    {.name = "head", .type = DBC_T_TEXT}};

#define INDEX(called, of, by)                                        \
    {                                                                \
        .name = (called), .kind = DBC_FTS, .content = "posts",       \
        .columns = (of), .column_count = COUNT(of), .tokenize = (by) \
    }

// Whether this engine lets a trigger write to one in any file.
static int trusts_indexes(void)
{
    return ASK_INT(conn, "SELECT substr(sqlite_version(), 3, 2) >= '44'") != 0;
}

static int64_t found(const char *index, const char *words)
{
    char ask[128];

    snprintf(ask, sizeof ask, "SELECT count(*) FROM %s WHERE %s MATCH '%s'",
             index, index, words);
    return ASK_INT(conn, ask);
}

static void creates_changes_renames_and_drops_a_full_text_index(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain));
    reach_fill(conn);

    REACH(conn, POSTS(posts_plain), INDEX("posts_text", searched, NULL));
    assert_int_equal(1, found("posts_text", "fox"));

    REACH(conn, POSTS(posts_plain), INDEX("posts_text", searched, "porter"));
    assert_int_equal(1, found("posts_text", "foxes"));

    REACH(conn, POSTS(posts_plain), INDEX("search", searched, "porter"));
    assert_int_equal(1, found("search", "foxes"));

    REACH(conn, POSTS(posts_plain));
    assert_string_equal("", reach_triggers(conn));
    assert_int_equal(1, ASK_INT(conn, "SELECT count(*) FROM "
                                      "sqlite_schema WHERE type = "
                                      "'table'"));
    assert_int_equal(2, ASK_INT(conn, "SELECT count(*) FROM posts"));
}

static void keeps_a_full_text_index_in_step_with_a_table_that_is_copied(
    void **state)
{
    (void)state;
    REACH(conn, WATCHED_POSTS(posts_plain, {"count", COUNTING("1")}),
          INDEX("posts_text", searched, NULL));
    reach_fill(conn);

    REACH(conn, WATCHED_POSTS(posts_stricter, {"count", COUNTING("1")}),
          INDEX("posts_text", searched, NULL));

    EXEC(conn, "UPDATE posts SET title = 'whale' WHERE id = 1");
    EXEC(conn, "DELETE FROM posts WHERE id = 2");
    EXEC(conn, "INSERT INTO posts VALUES (3, 'newt', 0)");
    assert_int_equal(0, found("posts_text", "fox OR owl"));
    assert_int_equal(2, found("posts_text", "whale OR newt"));
    EXEC(conn, "INSERT INTO posts_text (posts_text, rank) VALUES "
               "('integrity-check', 1)");
}

static void lets_a_full_text_index_follow_a_column(void **state)
{
    (void)state;
    REACH(conn, POSTS(posts_plain), INDEX("posts_text", searched, NULL));
    reach_fill(conn);

    REACH(conn, POSTS(posts_headed), INDEX("posts_text", searched_head, NULL));

    assert_int_equal(1, found("posts_text", "head:fox"));
}

static void says_when_a_full_text_index_needs_trust(void **state)
{
    const dbc_table_def defs[] = {POSTS(posts_plain),
                                  INDEX("posts_text", searched, NULL)};
    (void)state;
    if (trusts_indexes()) skip();
    REACH(conn, POSTS(posts_plain));
    reach_fill(conn);
    EXEC(conn, "PRAGMA trusted_schema = OFF");

    assert_int_equal(DBC_EREFUSED, reach_try(conn, defs, COUNT(defs), NULL));

    assert_string_equal(
        "a trigger of \"posts\" would no longer work: unsafe use of virtual "
        "table \"posts_text\": open the database with the schema that declares "
        "it, or trust the schema in the file",
        dbc_conn_error(conn)->message);
    assert_string_equal("", reach_triggers(conn));
    assert_int_equal(2, ASK_INT(conn, "SELECT count(*) FROM posts"));
}

// --------------------------------------------------------------------- memory

static int change_and_drop(void *ud, const dbc_alloc *alloc)
{
    static const char made[] = "CREATE TABLE posts (id INTEGER PRIMARY KEY, "
                               "title TEXT, changes INTEGER); INSERT INTO "
                               "posts VALUES (1, 'red fox', 0);";
    const dbc_table_def second[] = {POSTS(posts_plain),
                                    INDEX("posts_text", searched, "porter")};
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
        SPEC(creates_changes_renames_and_drops_a_full_text_index),
        SPEC(keeps_a_full_text_index_in_step_with_a_table_that_is_copied),
        SPEC(lets_a_full_text_index_follow_a_column),
        SPEC(says_when_a_full_text_index_needs_trust),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("full_text", specs, NULL, NULL);
}
