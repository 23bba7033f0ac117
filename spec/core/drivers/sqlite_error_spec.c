#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn,
         "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE,"
         " name TEXT NOT NULL, age INTEGER CHECK (age >= 0),"
         " CONSTRAINT users_adult CHECK (name <> 'kid'));"
         "CREATE TABLE pairs (a, b, UNIQUE (a, b));"
         "CREATE UNIQUE INDEX users_lower ON users (lower(name));"
         "CREATE TABLE posts (id INTEGER PRIMARY KEY,"
         " author INTEGER REFERENCES users (id));"
         "CREATE TABLE strict (n INTEGER, b BLOB) STRICT;"
         "CREATE TABLE \"a.b, c\" (\"x, a.b.y\" TEXT UNIQUE, z UNIQUE);"
         "CREATE TRIGGER no_delete BEFORE DELETE ON posts BEGIN"
         " SELECT RAISE(ABORT, 'posts are kept'); END;"
         "INSERT INTO users VALUES (1, 'ada@x', 'Ada', 36);"
         "INSERT INTO pairs VALUES (1, 2);"
         "INSERT INTO \"a.b, c\" VALUES ('x', 'z')");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static const dbc_error *fails(int code, const char *sql)
{
    return ASSERT_FAILS(code, session.conn, sql);
}

// -------------------------------------------------------------- constraints

static void names_the_column_that_is_not_unique(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EUNIQUE, "INSERT INTO users VALUES (2, 'ada@x', 'Bob', 1)");
    assert_string_equal("users", err->table);
    assert_string_equal("email", err->columns);
    assert_string_equal("UNIQUE constraint failed: there is already a row "
                        "with this users.email",
                        err->message);
    assert_int_equal(2067, err->native);
}

static void names_all_columns_that_are_not_unique(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EUNIQUE, "INSERT INTO pairs VALUES (1, 2)");
    assert_string_equal("pairs", err->table);
    assert_string_equal("a,b", err->columns);
}

static void names_the_primary_key(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EUNIQUE, "INSERT INTO users (id, name) VALUES (1, 'Bob')");
    assert_string_equal("users", err->table);
    assert_string_equal("id", err->columns);
}

static void names_the_index_and_finds_its_table(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EUNIQUE, "INSERT INTO users (name) VALUES ('ADA')");
    assert_string_equal("users_lower", err->constraint);
    assert_string_equal("users", err->table);
    assert_non_null(strstr(err->message, "index \"users_lower\""));
}

static void tells_dots_in_names_from_dots_between_them(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EUNIQUE, "INSERT INTO \"a.b, c\" VALUES ('x', 'y')");
    assert_string_equal("a.b, c", err->table);
    assert_string_equal("\"x, a.b.y\"", err->columns);
    err = fails(DBC_EUNIQUE, "INSERT INTO \"a.b, c\" VALUES ('y', 'z')");
    assert_string_equal("a.b, c", err->table);
    assert_string_equal("z", err->columns);
}

static void names_the_column_that_needs_a_value(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_ENOTNULL, "INSERT INTO users (email) VALUES ('bob@x')");
    assert_string_equal("users", err->table);
    assert_string_equal("name", err->columns);
    assert_string_equal("NOT NULL constraint failed: users.name needs a value",
                        err->message);
}

static void names_the_check_by_name_or_expression(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_ECHECK, "INSERT INTO users (name) VALUES ('kid')");
    assert_string_equal("users_adult", err->constraint);
    err = fails(DBC_ECHECK, "INSERT INTO users (name, age) VALUES ('B', -1)");
    assert_string_equal("age >= 0", err->constraint);
    assert_string_equal("CHECK constraint failed: age >= 0", err->message);
}

static void tells_a_foreign_key(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EFOREIGNKEY, "INSERT INTO posts VALUES (1, 99)");
    assert_non_null(strstr(err->message, "FOREIGN KEY constraint failed"));
    assert_int_equal(787, err->native);
}

static void names_the_strict_column_of_another_type(void **state)
{
    (void)state;
    const dbc_error *err =
        fails(DBC_EDATATYPE, "INSERT INTO strict (n) VALUES ('x')");
    assert_string_equal("strict", err->table);
    assert_string_equal("n", err->columns);
    assert_string_equal("cannot store TEXT value in INTEGER column strict.n",
                        err->message);
}

static void tells_a_key_that_is_no_integer(void **state)
{
    (void)state;
    fails(DBC_EDATATYPE, "INSERT INTO users (id, name) VALUES ('x', 'y')");
}

static void passes_on_what_a_trigger_says(void **state)
{
    (void)state;
    EXEC(session.conn, "INSERT INTO posts VALUES (1, 1)");
    const dbc_error *err = fails(DBC_ETRIGGER, "DELETE FROM posts");
    assert_string_equal("posts are kept", err->message);
}

// ------------------------------------------------------------- text and schema

static void points_at_the_syntax_error(void **state)
{
    (void)state;
    const dbc_error *err = fails(DBC_ESYNTAX, "SELECT * FORM users");
    assert_non_null(strstr(err->message, "syntax error"));
    assert_int_equal(9, err->offset);
    fails(DBC_ESYNTAX, "SELECT 'open");
    fails(DBC_ESYNTAX, "SELECT max(");
    fails(DBC_ESYNTAX, "SELECT max(1, 2, 3) FROM users GROUP");
}

static void counts_the_position_from_the_start_of_the_text(void **state)
{
    (void)state;
    const dbc_error *err = fails(DBC_ESYNTAX, "SELECT 1; SELECT * FORM users");
    assert_int_equal(19, err->offset);
}

static void names_what_is_missing(void **state)
{
    (void)state;
    const dbc_error *err = fails(DBC_ESCHEMA, "SELECT * FROM userz");
    assert_string_equal("userz", err->table);
    err = fails(DBC_ESCHEMA, "SELECT * FROM main.userz");
    assert_string_equal("userz", err->table);
    err = fails(DBC_ESCHEMA, "SELECT nmae FROM users");
    assert_string_equal("nmae", err->columns);
    err = fails(DBC_ESCHEMA, "SELECT u.nmae FROM users u");
    assert_string_equal("u", err->table);
    assert_string_equal("nmae", err->columns);
    err = fails(DBC_ESCHEMA, "INSERT INTO users (nmae) VALUES (1)");
    assert_string_equal("users", err->table);
    assert_string_equal("nmae", err->columns);
    fails(DBC_ESCHEMA, "SELECT no_function()");
    fails(DBC_ESCHEMA, "INSERT INTO pairs VALUES (1)");
    fails(DBC_ESCHEMA, "CREATE TABLE users (id)");
    fails(DBC_ESCHEMA, "CREATE TABLE twice (a, a)");
}

static void refuses_double_quoted_strings(void **state)
{
    (void)state;
    const dbc_error *err = fails(DBC_ESCHEMA, "SELECT \"Ada\" FROM users");
    assert_string_equal("Ada", err->columns);
}

static void tells_misuse_of_transactions(void **state)
{
    (void)state;
    fails(DBC_EINVALID, "COMMIT");
    fails(DBC_EINVALID, "RELEASE nowhere");
    EXEC(session.conn, "BEGIN");
    fails(DBC_EINVALID, "BEGIN");
    EXEC(session.conn, "ROLLBACK");
}

static void tells_limits(void **state)
{
    (void)state;
    fails(DBC_ELIMIT, "SELECT zeroblob(2000000000)");
}

static void tells_that_the_own_statements_are_in_the_way(void **state)
{
    dbc_stmt *stmt = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_stmt_acquire(&stmt, session.conn,
                                              SQL("SELECT * FROM users")));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    fails(DBC_EINVALID, "DROP TABLE users");
    dbc_stmt_release(stmt);
}

// ---------------------------------------------------------------------- locks

static void names_the_file_that_is_locked(void **state)
{
    dbc_open_options impatient = {.busy_timeout_ms = -1};
    dbc_conn *other = sqlite_session_connect(&session, &impatient);

    (void)state;
    EXEC(session.conn, "BEGIN IMMEDIATE");
    const dbc_error *err = ASSERT_FAILS(DBC_EBUSY, other, "BEGIN IMMEDIATE");
    assert_non_null(strstr(err->message, session.path));
    EXEC(session.conn, "ROLLBACK");
    dbc_close(other);
}

static void tells_a_snapshot_that_is_out_of_date(void **state)
{
    dbc_conn *other = sqlite_session_connect(&session, NULL);

    (void)state;
    EXEC(other, "BEGIN");
    ASK_INT(other, "SELECT count(*) FROM pairs");
    EXEC(session.conn, "INSERT INTO pairs VALUES (3, 4)");
    const dbc_error *err =
        ASSERT_FAILS(DBC_EBUSY, other, "INSERT INTO pairs VALUES (5, 6)");
    assert_int_equal(517, err->native);
    assert_non_null(strstr(err->message, "start it again"));
    dbc_close(other);
}

static void tells_a_read_only_database(void **state)
{
    dbc_open_options readonly = {.flags = DBC_OPEN_READONLY};
    dbc_conn *other = sqlite_session_connect(&session, &readonly);

    (void)state;
    const dbc_error *err =
        ASSERT_FAILS(DBC_EREADONLY, other, "INSERT INTO pairs VALUES (3, 4)");
    assert_non_null(strstr(err->message, session.path));
    assert_non_null(strstr(err->message, "read-only"));
    dbc_close(other);
}

static void tells_a_full_database_and_goes_on(void **state)
{
    (void)state;
    EXEC(session.conn, "PRAGMA max_page_count = 40");
    const dbc_error *err =
        fails(DBC_EFULL, "INSERT INTO pairs VALUES (zeroblob(1000000), 0)");
    assert_non_null(strstr(err->message, "full"));
    EXEC(session.conn, "INSERT INTO pairs VALUES (3, 4)");
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM pairs"));
}

static void assert_search_fails(int code, const char *start, const char *where)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT * FROM docs WHERE %s", where);
    const dbc_error *err = fails(code, sql);
    if (strncmp(start, err->message, strlen(start)) != 0)
        assert_string_equal(start, err->message);
}

static void tells_a_search_from_the_statement_around_it(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE VIRTUAL TABLE docs USING fts5(a, b);"
                       "INSERT INTO docs VALUES ('x', 'y')");
    assert_search_fails(DBC_ESYNTAX,
                        "the text of a full-text search is wrong, fts5: syntax "
                        "error near \"\": what a person typed goes through "
                        "match_words",
                        "docs MATCH 'x AND'");
    assert_search_fails(DBC_ESYNTAX,
                        "the text of a full-text search is wrong, no such "
                        "column: c:",
                        "docs MATCH 'c:x'");
    assert_search_fails(DBC_ESYNTAX,
                        "the text of a full-text search is wrong, unterminated "
                        "string:",
                        "docs MATCH '\"x'");
    assert_search_fails(DBC_ESYNTAX,
                        "the text of a full-text search is wrong, unknown "
                        "special query: x:",
                        "docs MATCH '*x'");
    assert_search_fails(DBC_ESYNTAX,
                        "the text of a full-text search is wrong, expected "
                        "integer, got \"y\":",
                        "docs MATCH 'NEAR(x z, y)'");
    assert_search_fails(DBC_EINVALID,
                        "unable to use function MATCH in the requested "
                        "context: a full-text index is searched",
                        "docs MATCH 'x' OR a = 'x'");
    assert_search_fails(DBC_ESCHEMA, "no such column: c",
                        "docs MATCH 'x' AND c = 1");
}

static void tells_that_a_transaction_is_gone(void **state)
{
    (void)state;
    EXEC(session.conn, "BEGIN; INSERT INTO pairs VALUES (7, 8)");
    const dbc_error *err =
        fails(DBC_EUNIQUE, "INSERT OR ROLLBACK INTO pairs VALUES (1, 2)");
    assert_true(err->rolled_back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(names_the_column_that_is_not_unique),
        SPEC(names_all_columns_that_are_not_unique),
        SPEC(names_the_primary_key),
        SPEC(names_the_index_and_finds_its_table),
        SPEC(tells_dots_in_names_from_dots_between_them),
        SPEC(names_the_column_that_needs_a_value),
        SPEC(names_the_check_by_name_or_expression),
        SPEC(tells_a_foreign_key),
        SPEC(names_the_strict_column_of_another_type),
        SPEC(tells_a_key_that_is_no_integer),
        SPEC(passes_on_what_a_trigger_says),
        SPEC(points_at_the_syntax_error),
        SPEC(counts_the_position_from_the_start_of_the_text),
        SPEC(names_what_is_missing),
        SPEC(refuses_double_quoted_strings),
        SPEC(tells_misuse_of_transactions),
        SPEC(tells_limits),
        SPEC(tells_that_the_own_statements_are_in_the_way),
        SPEC(names_the_file_that_is_locked),
        SPEC(tells_a_snapshot_that_is_out_of_date),
        SPEC(tells_a_read_only_database),
        SPEC(tells_a_full_database_and_goes_on),
        SPEC(tells_a_search_from_the_statement_around_it),
        SPEC(tells_that_a_transaction_is_gone),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
