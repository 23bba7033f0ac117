// Hints: one that names nothing is refused in the words that gave it, with
// what comes nearest.
#include "sqlite_session.h"

static sqlite_session session;

static const char before[] =
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE INDEX by_name ON users(name);"
    "CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT)";

static const char target[] =
    "CREATE TABLE people(id INTEGER PRIMARY KEY, called TEXT);"
    "CREATE INDEX by_called ON people(called);"
    "CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, size INTEGER)";

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, ":memory:", NULL);
    EXEC(session.conn, before);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static int plan_for(dbc_plan **out, const dbc_hint *hints, size_t count)
{
    dbc_plan_options options = {.hints = hints, .hint_count = count};
    dbc_catalog *wanted = NULL;

    *out = NULL;
    int rc =
        dbc_catalog_of_sql(&wanted, target, sizeof target - 1, session.conn);
    if (rc >= 0) rc = dbc_plan_new(out, session.conn, wanted, &options);
    dbc_catalog_free(wanted);
    return rc;
}

static void assert_refused(const dbc_hint *hint, const char *message)
{
    dbc_plan *plan;

    assert_int_equal(DBC_EREFUSED, plan_for(&plan, hint, 1));

    assert_null(plan);
    assert_string_equal(message, dbc_conn_error(session.conn)->message);
}

static void refuses_names_that_are_not_there(void **state)
{
    static const struct {
        dbc_hint hint;
        const char *message;
    } cases[] = {
        {{DBC_HINT_RENAME_TABLE, "user", NULL, "people"},
         "the rename of user to people: there is no table \"user\": did you "
         "mean "
         "\"users\"?"},
        {{DBC_HINT_RENAME_TABLE, "users", NULL, "peple"},
         "the rename of users to peple: there is no table \"peple\" in the "
         "schema: did "
         "you mean "
         "\"people\"?"},
        {{DBC_HINT_RENAME_INDEX, NULL, "by_nam", "by_called"},
         "the rename of index by_nam to by_called: there is no index "
         "\"by_nam\": did "
         "you mean \"by_name\"?"},
        {{DBC_HINT_RENAME_INDEX, NULL, "by_name", "x"},
         "the rename of index by_name to x: there is no index \"x\": take it "
         "away, or "
         "name what is there"},
        {{DBC_HINT_RENAME_COLUMN, "posts", "titel", "size"},
         "the rename of posts.titel to size: there is no column \"titel\" in "
         "table "
         "\"posts\": did you mean \"title\"?"},
        {{DBC_HINT_COPY, "posts", "sze", "1"},
         "the copy of posts.sze: there is no column \"sze\" in table "
         "\"posts\": did "
         "you mean \"size\"?"},
        {{DBC_HINT_IGNORE, "nothing", NULL, NULL},
         "the table nothing to ignore: there is no table \"nothing\": take it "
         "away, or "
         "name what is there"},
        {{DBC_HINT_ALLOW_LOSS, "nothing", NULL, NULL},
         "the allowed loss of nothing: there is no table \"nothing\": take it "
         "away, "
         "or name what is there"},
        {{DBC_HINT_ALLOW_LOSS, "posts", "titel", NULL},
         "the allowed loss of posts.titel: there is no column \"titel\" in "
         "table "
         "\"posts\": did you mean \"title\"?"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(&cases[i].hint, cases[i].message);
}

static void refuses_what_is_no_expression(void **state)
{
    static const dbc_hint copy = {DBC_HINT_COPY, "posts", "size", "1; 2"};
    static const dbc_hint backfill = {DBC_HINT_BACKFILL, "posts", "size", "("};
    dbc_plan *plan;
    (void)state;

    assert_int_equal(DBC_EREFUSED, plan_for(&plan, &copy, 1));
    assert_non_null(strstr(dbc_conn_error(session.conn)->message,
                           "the copy of posts.size: the expression "));
    assert_int_equal(DBC_EREFUSED, plan_for(&plan, &backfill, 1));
    assert_non_null(strstr(dbc_conn_error(session.conn)->message,
                           "the backfill of posts.size: the expression "));
}

static void takes_a_rename_that_was_done_before(void **state)
{
    static const dbc_hint hints[] = {
        {DBC_HINT_RENAME_TABLE, "users", NULL, "people"},
        {DBC_HINT_RENAME_COLUMN, "people", "name", "called"},
        {DBC_HINT_RENAME_INDEX, NULL, "by_name", "by_called"}};
    dbc_plan *plan;
    (void)state;

    for (int round = 0; round < 2; round++) {
        ASSERT_RC(DBC_OK, plan_for(&plan, hints, COUNT(hints)), session.conn);
        ASSERT_RC(DBC_OK, dbc_plan_apply(plan, session.conn, NULL),
                  session.conn);
        assert_int_equal(round, dbc_plan_step_count(plan) == 0);
        dbc_plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(refuses_names_that_are_not_there),
        SPEC(refuses_what_is_no_expression),
        SPEC(takes_a_rename_that_was_done_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
