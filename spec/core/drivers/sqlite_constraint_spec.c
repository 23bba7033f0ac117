// Every kind of constraint, against the real engine: what it says of table,
// columns and constraint has to arrive in the fields of the error.
#include <stdio.h>

#include "sqlite_session.h"

static sqlite_session session;

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

// What a statement that breaks a constraint has to answer. NULL in a field
// means that it is empty.
typedef struct breach {
    const char *sql;
    int code, native;
    const char *table, *columns, *constraint;
    const char *message;
} breach;

static void assert_field(const char *expected, const char *field)
{
    assert_string_equal(expected != NULL ? expected : "", field);
}

static void assert_error(const breach *expected, const dbc_error *err)
{
    assert_int_equal(expected->code, err->code);
    assert_int_equal(expected->native, err->native);
    assert_field(expected->table, err->table);
    assert_field(expected->columns, err->columns);
    assert_field(expected->constraint, err->constraint);
    assert_string_equal(expected->message, err->message);
    assert_int_equal(-1, err->offset);
    assert_int_equal(0, err->row);
}

// Each in a transaction of its own, which goes on as if nothing had happened.
static void assert_breaches(const breach *breaches, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dbc_txn txn;

        ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT),
                  session.conn);
        EXEC(session.conn,
             "CREATE TABLE kept (a); INSERT INTO kept VALUES (1)");
        assert_error(&breaches[i], ASSERT_FAILS(breaches[i].code, session.conn,
                                                breaches[i].sql));
        assert_int_equal(0, dbc_conn_error(session.conn)->rolled_back);
        assert_true(dbc_txn_is_open(&txn));
        assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM kept"));
        ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), session.conn);
    }
}

#define ONCE "UNIQUE constraint failed: there is already a row with this "
#define ONCE_INDEX \
    "UNIQUE constraint failed: there is already a row with these values of "

// ------------------------------------------------------------------- NOT NULL

static void tells_not_null(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO t (b) VALUES (1)", DBC_ENOTNULL, 1299, "t", "a", NULL,
         "NOT NULL constraint failed: t.a needs a value"},
        {"UPDATE t SET a = NULL", DBC_ENOTNULL, 1299, "t", "a", NULL,
         "NOT NULL constraint failed: t.a needs a value"},
        {"INSERT INTO w VALUES (1, NULL)", DBC_ENOTNULL, 1299, "w", "b", NULL,
         "NOT NULL constraint failed: w.b needs a value"},
    };

    (void)state;
    EXEC(session.conn, "CREATE TABLE t (a CONSTRAINT given NOT NULL, b);"
                       "INSERT INTO t VALUES (1, 1);"
                       "CREATE TABLE w (a, b, PRIMARY KEY (a, b))"
                       " WITHOUT ROWID");
    assert_breaches(breaches, COUNT(breaches));
}

// --------------------------------------------------------------------- UNIQUE

static void tells_unique_columns(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO t (a) VALUES (1)", DBC_EUNIQUE, 2067, "t", "a", NULL,
         ONCE "t.a"},
        {"INSERT INTO t (b, c) VALUES (1, 1)", DBC_EUNIQUE, 2067, "t", "b,c",
         NULL, ONCE "t.b, t.c"},
        {"INSERT INTO t (d, e) VALUES (1, 1)", DBC_EUNIQUE, 2067, "t", "e,d",
         NULL, ONCE "t.e, t.d"},
        {"UPDATE t SET a = 1", DBC_EUNIQUE, 2067, "t", "a", NULL, ONCE "t.a"},
        {"INSERT INTO t (f) VALUES (1)", DBC_EUNIQUE, 2067, "t", "f", NULL,
         ONCE "t.f"},
        {"INSERT INTO t (g) VALUES (1)", DBC_EUNIQUE, 2067, "t", "h", NULL,
         ONCE "t.h"},
    };

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE t (a UNIQUE, b, c, d, e, f, g INTEGER,"
         " h AS (g + 1) UNIQUE, UNIQUE (b, c), CONSTRAINT ed UNIQUE (e, d));"
         "CREATE UNIQUE INDEX some ON t (f) WHERE f > 0;"
         "INSERT INTO t (a, b, c, d, e, f, g) VALUES (1, 1, 1, 1, 1, 1, 1),"
         " (2, 2, 2, 2, 2, 2, 2)");
    assert_breaches(breaches, COUNT(breaches));
}

static void tells_a_unique_index_over_an_expression(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO t VALUES ('ADA')", DBC_EUNIQUE, 2067, "t", NULL,
         "lowered", ONCE_INDEX "index \"lowered\""},
        {"INSERT INTO u VALUES (-1)", DBC_EUNIQUE, 2067, "u", NULL,
         "it's \"odd\", x.y", ONCE_INDEX "index \"it's \"odd\", x.y\""},
        {"INSERT INTO temp.v VALUES (-1)", DBC_EUNIQUE, 2067, "v", NULL,
         "in_temp", ONCE_INDEX "index \"in_temp\""},
        {"INSERT INTO more.w VALUES (-1)", DBC_EUNIQUE, 2067, "w", NULL,
         "in_more", ONCE_INDEX "index \"in_more\""},
        // Two tables have an index of that name.
        {"INSERT INTO more.x VALUES (-1)", DBC_EUNIQUE, 2067, NULL, NULL,
         "twin", ONCE_INDEX "index \"twin\""},
    };

    (void)state;
    EXEC(session.conn,
         "ATTACH ':memory:' AS more;"
         "CREATE TABLE t (a); CREATE UNIQUE INDEX lowered ON t (lower(a));"
         "CREATE TABLE u (a);"
         "CREATE UNIQUE INDEX \"it's \"\"odd\"\", x.y\" ON u (abs(a));"
         "CREATE TEMP TABLE v (a);"
         "CREATE UNIQUE INDEX temp.in_temp ON v (abs(a));"
         "CREATE TABLE more.w (a);"
         "CREATE UNIQUE INDEX more.in_more ON w (abs(a));"
         "CREATE TABLE more.x (a);"
         "CREATE UNIQUE INDEX more.twin ON x (abs(a));"
         "CREATE TABLE y (a); CREATE UNIQUE INDEX twin ON y (abs(a));"
         "INSERT INTO t VALUES ('ada'); INSERT INTO u VALUES (1);"
         "INSERT INTO v VALUES (1); INSERT INTO w VALUES (1);"
         "INSERT INTO x VALUES (1)");
    assert_breaches(breaches, COUNT(breaches));
}

static void tells_an_index_that_cannot_be_made(void **state)
{
    (void)state;
    EXEC(session.conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (1)");
    const dbc_error *err = ASSERT_FAILS(DBC_EUNIQUE, session.conn,
                                        "CREATE UNIQUE INDEX i ON t (a)");
    assert_string_equal("t", err->table);
    assert_string_equal("a", err->columns);
}

// ---------------------------------------------------------------- PRIMARY KEY

static void tells_primary_keys(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO rowids VALUES (1)", DBC_EUNIQUE, 1555, "rowids", "id",
         NULL, ONCE "rowids.id"},
        {"INSERT INTO hidden (rowid) VALUES (1)", DBC_EUNIQUE, 2579, "hidden",
         "rowid", NULL, ONCE "hidden.rowid"},
        {"INSERT INTO pairs VALUES (1, 2)", DBC_EUNIQUE, 1555, "pairs", "a,b",
         NULL, ONCE "pairs.a, pairs.b"},
        {"INSERT INTO bare VALUES (1, 2)", DBC_EUNIQUE, 1555, "bare", "a,b",
         NULL, ONCE "bare.a, bare.b"},
        {"INSERT INTO texts VALUES ('x')", DBC_EUNIQUE, 1555, "texts", "name",
         NULL, ONCE "texts.name"},
        {"INSERT INTO rowids VALUES ('x')", DBC_EDATATYPE, 20, NULL, NULL, NULL,
         "datatype mismatch: an INTEGER PRIMARY KEY, and LIMIT and OFFSET, "
         "take integers only"},
    };

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE rowids (id INTEGER PRIMARY KEY);"
         "CREATE TABLE hidden (a);"
         "CREATE TABLE pairs (a, b, CONSTRAINT both PRIMARY KEY (a, b));"
         "CREATE TABLE bare (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;"
         "CREATE TABLE texts (name TEXT PRIMARY KEY);"
         "INSERT INTO rowids VALUES (1);"
         "INSERT INTO hidden (rowid) VALUES (1);"
         "INSERT INTO pairs VALUES (1, 2);"
         "INSERT INTO bare VALUES (1, 2);"
         "INSERT INTO texts VALUES ('x')");
    assert_breaches(breaches, COUNT(breaches));
}

// ----------------------------------------------------------------------- CHECK

#define CHECKED "CHECK constraint failed: "

static void tells_checks_by_name_or_by_their_text(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO t (a) VALUES (0)", DBC_ECHECK, 275, NULL, NULL, "a > 0",
         CHECKED "a > 0"},
        {"INSERT INTO t (b) VALUES (0)", DBC_ECHECK, 275, NULL, NULL, "b_above",
         CHECKED "b_above"},
        {"INSERT INTO t (c, d) VALUES (1, 1)", DBC_ECHECK, 275, NULL, NULL,
         "c <> d", CHECKED "c <> d"},
        {"INSERT INTO t (c, d) VALUES (50, 51)", DBC_ECHECK, 275, NULL, NULL,
         "little together", CHECKED "little together"},
        {"UPDATE t SET a = -a", DBC_ECHECK, 275, NULL, NULL, "a > 0",
         CHECKED "a > 0"},
        {"INSERT INTO t (e) VALUES ('x constraint failed: y')", DBC_ECHECK, 275,
         NULL, NULL, "e <> 'x constraint failed: y'",
         CHECKED "e <> 'x constraint failed: y'"},
        {"INSERT INTO t (f) VALUES (0)", DBC_ECHECK, 275, NULL, NULL,
         "it's, \"odd\" constraint failed: ",
         CHECKED "it's, \"odd\" constraint failed: "},
    };

    (void)state;
    EXEC(session.conn, "CREATE TABLE t (a CHECK (a > 0),"
                       " b CONSTRAINT b_above CHECK (b > 0), c, d,"
                       " f CONSTRAINT \"it's, \"\"odd\"\" constraint failed: \""
                       " CHECK (f > 0),"
                       " e CHECK (e <> 'x constraint failed: y'),"
                       " CHECK (c <> d),"
                       " CONSTRAINT \"little together\" CHECK (c + d < 100));"
                       "INSERT INTO t (a) VALUES (1)");
    assert_breaches(breaches, COUNT(breaches));
}

// ----------------------------------------------------------------- FOREIGN KEY

#define NOT_THERE                                                          \
    "FOREIGN KEY constraint failed: a row would refer to one that is not " \
    "there"

static void tells_foreign_keys(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO posts VALUES (9)", DBC_EFOREIGNKEY, 787, NULL, NULL, NULL,
         NOT_THERE},
        {"UPDATE posts SET author = 9", DBC_EFOREIGNKEY, 787, NULL, NULL, NULL,
         NOT_THERE},
        {"DELETE FROM users WHERE id = 1", DBC_EFOREIGNKEY, 787, NULL, NULL,
         NULL, NOT_THERE},
        {"UPDATE users SET id = 7 WHERE id = 1", DBC_EFOREIGNKEY, 787, NULL,
         NULL, NULL, NOT_THERE},
        // RESTRICT is done by a trigger of SQLite's own.
        {"DELETE FROM users WHERE id = 2", DBC_EFOREIGNKEY, 1811, NULL, NULL,
         NULL, NOT_THERE},
        {"UPDATE users SET id = 7 WHERE id = 2", DBC_EFOREIGNKEY, 1811, NULL,
         NULL, NULL, NOT_THERE},
    };

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE users (id INTEGER PRIMARY KEY);"
         "CREATE TABLE posts (author REFERENCES users);"
         "CREATE TABLE notes (author REFERENCES users"
         " ON DELETE RESTRICT ON UPDATE RESTRICT);"
         "INSERT INTO users VALUES (1), (2);"
         "INSERT INTO posts VALUES (1); INSERT INTO notes VALUES (2)");
    assert_breaches(breaches, COUNT(breaches));
}

static void leaves_a_transaction_open_whose_deferred_key_fails(void **state)
{
    static const breach expected = {
        NULL,
        DBC_EFOREIGNKEY,
        787,
        NULL,
        NULL,
        NULL,
        "FOREIGN KEY constraint failed: a row refers to one that is not there, "
        "so nothing was committed (PRAGMA foreign_key_check shows it while the "
        "transaction stands)"};
    dbc_txn txn;

    (void)state;
    EXEC(session.conn, "CREATE TABLE users (id INTEGER PRIMARY KEY);"
                       "CREATE TABLE posts (author REFERENCES users"
                       " DEFERRABLE INITIALLY DEFERRED)");
    dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT);
    EXEC(session.conn, "INSERT INTO posts VALUES (9)");

    ASSERT_RC(DBC_EFOREIGNKEY, dbc_txn_commit(&txn), session.conn);
    assert_error(&expected, dbc_conn_error(session.conn));
    assert_int_equal(0, dbc_conn_error(session.conn)->rolled_back);
    assert_true(dbc_txn_is_open(&txn));
    assert_string_equal("posts",
                        ASK_TEXT(session.conn, "PRAGMA foreign_key_check"));
    assert_error(&expected,
                 ASSERT_FAILS(DBC_EFOREIGNKEY, session.conn, "COMMIT"));
    assert_true(dbc_txn_is_open(&txn));
    EXEC(session.conn, "INSERT INTO users VALUES (9)");
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), session.conn);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM posts"));
}

static void tells_a_deferred_key_of_a_statement_that_commits_itself(
    void **state)
{
    static const breach expected = {NULL, DBC_EFOREIGNKEY, 787, NULL, NULL,
                                    NULL, NOT_THERE};

    (void)state;
    EXEC(session.conn, "CREATE TABLE users (id INTEGER PRIMARY KEY);"
                       "CREATE TABLE posts (author REFERENCES users"
                       " DEFERRABLE INITIALLY DEFERRED)");
    assert_error(&expected, ASSERT_FAILS(DBC_EFOREIGNKEY, session.conn,
                                         "INSERT INTO posts VALUES (9)"));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM posts"));
}

// ---------------------------------------------------------------------- STRICT

static void tells_types_of_strict_columns(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO t (i) VALUES ('x')", DBC_EDATATYPE, 3091, "t", "i", NULL,
         "cannot store TEXT value in INTEGER column t.i"},
        {"INSERT INTO t (i) VALUES (1.5)", DBC_EDATATYPE, 3091, "t", "i", NULL,
         "cannot store REAL value in INTEGER column t.i"},
        {"INSERT INTO t (r) VALUES ('x')", DBC_EDATATYPE, 3091, "t", "r", NULL,
         "cannot store TEXT value in REAL column t.r"},
        {"INSERT INTO t (t) VALUES (x'00')", DBC_EDATATYPE, 3091, "t", "t",
         NULL, "cannot store BLOB value in TEXT column t.t"},
        {"INSERT INTO t (b) VALUES (1)", DBC_EDATATYPE, 3091, "t", "b", NULL,
         "cannot store INT value in BLOB column t.b"},
        {"UPDATE t SET i = 'x'", DBC_EDATATYPE, 3091, "t", "i", NULL,
         "cannot store TEXT value in INTEGER column t.i"},
    };

    (void)state;
    EXEC(session.conn, "CREATE TABLE t (i INTEGER, r REAL, t TEXT, b BLOB, a "
                       "ANY) STRICT; INSERT INTO t (a) VALUES (1)");
    assert_breaches(breaches, COUNT(breaches));
}

// -------------------------------------------------------------------- triggers

static void passes_on_what_a_trigger_says_whatever_it_is(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO t VALUES ('abort')", DBC_ETRIGGER, 1811, NULL, NULL, NULL,
         "it's \"not\" allowed"},
        {"INSERT INTO t VALUES ('liar')", DBC_ETRIGGER, 1811, NULL, NULL, NULL,
         "NOT NULL constraint failed: t.a, index 'x'"},
        {"INSERT INTO t VALUES ('key')", DBC_ETRIGGER, 1811, NULL, NULL, NULL,
         "FOREIGN KEY constraint failed: not really"},
        {"INSERT INTO t VALUES ('empty')", DBC_ETRIGGER, 1811, NULL, NULL, NULL,
         "a trigger refused the change"},
        {"INSERT INTO t VALUES ('control')", DBC_ETRIGGER, 1811, NULL, NULL,
         NULL, "two?lines?[2J%s%n"},
        // What fails inside of a trigger is told as it is.
        {"INSERT INTO t VALUES ('inner')", DBC_ENOTNULL, 1299, "log", "a", NULL,
         "NOT NULL constraint failed: log.a needs a value"},
    };

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE t (a); CREATE TABLE log (a NOT NULL);"
         "CREATE TRIGGER r1 BEFORE INSERT ON t WHEN new.a = 'abort' BEGIN"
         " SELECT RAISE(ABORT, 'it''s \"not\" allowed'); END;"
         "CREATE TRIGGER r2 BEFORE INSERT ON t WHEN new.a = 'liar' BEGIN"
         " SELECT RAISE(ABORT,"
         " 'NOT NULL constraint failed: t.a, index ''x'''); END;"
         "CREATE TRIGGER r3 BEFORE INSERT ON t WHEN new.a = 'key' BEGIN"
         " SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed: not really');"
         " END;"
         "CREATE TRIGGER r4 BEFORE INSERT ON t WHEN new.a = 'empty' BEGIN"
         " SELECT RAISE(ABORT, ''); END;"
         "CREATE TRIGGER r5 BEFORE INSERT ON t WHEN new.a = 'control' BEGIN"
         " SELECT RAISE(ABORT, 'two\nlines\033[2J%s%n'); END;"
         "CREATE TRIGGER r6 AFTER INSERT ON t WHEN new.a = 'inner' BEGIN"
         " INSERT INTO log VALUES (NULL); END");
    assert_breaches(breaches, COUNT(breaches));
}

static void cuts_a_message_that_is_too_long(void **state)
{
    char sql[3000], text[2000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    snprintf(sql, sizeof sql,
             "CREATE TABLE t (a); CREATE TRIGGER r BEFORE INSERT ON t BEGIN"
             " SELECT RAISE(ABORT, '%s'); END",
             text);
    EXEC(session.conn, sql);

    const dbc_error *err =
        ASSERT_FAILS(DBC_ETRIGGER, session.conn, "INSERT INTO t VALUES (1)");
    assert_true(strlen(err->message) > 400);
    assert_true(strlen(err->message) < sizeof err->message);
}

static void keeps_the_rows_before_the_one_that_a_trigger_fails(void **state)
{
    (void)state;
    EXEC(session.conn,
         "CREATE TABLE t (a);"
         "CREATE TRIGGER r BEFORE INSERT ON t WHEN new.a = 2 BEGIN"
         " SELECT RAISE(FAIL, 'no two'); END");

    const dbc_error *err = ASSERT_FAILS(DBC_ETRIGGER, session.conn,
                                        "INSERT INTO t VALUES (1), (2), (3)");
    assert_string_equal("no two", err->message);
    assert_int_equal(0, err->rolled_back);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT sum(a) FROM t"));
}

static void says_that_a_trigger_rolled_everything_back(void **state)
{
    dbc_txn txn;

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE t (a);"
         "CREATE TRIGGER r BEFORE INSERT ON t WHEN new.a = 2 BEGIN"
         " SELECT RAISE(ROLLBACK, 'all is lost'); END");
    dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT);
    EXEC(session.conn, "INSERT INTO t VALUES (1)");

    const dbc_error *err =
        ASSERT_FAILS(DBC_ETRIGGER, session.conn, "INSERT INTO t VALUES (2)");
    assert_string_equal("all is lost", err->message);
    assert_int_equal(1, err->rolled_back);
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(DBC_OK, dbc_txn_rollback(&txn));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void takes_it_for_well_when_a_trigger_ignores_a_row(void **state)
{
    (void)state;
    EXEC(session.conn,
         "CREATE TABLE t (a);"
         "CREATE TRIGGER r BEFORE INSERT ON t WHEN new.a = 2 BEGIN"
         " SELECT RAISE(IGNORE); END");

    EXEC(session.conn, "INSERT INTO t VALUES (1), (2), (3)");
    assert_int_equal(4, ASK_INT(session.conn, "SELECT sum(a) FROM t"));
}

// --------------------------------------------------------------- hostile names

#define HOSTILE "q\"uo'te.x, y"

static void finds_its_way_through_hostile_names(void **state)
{
    static const breach breaches[] = {
        {"INSERT INTO \"q\"\"uo'te.x, y\" VALUES (NULL, 'b', 'c')",
         DBC_ENOTNULL, 1299, HOSTILE, "col.umn", NULL,
         "NOT NULL constraint failed: " HOSTILE ".col.umn needs a value"},
        {"INSERT INTO \"q\"\"uo'te.x, y\" VALUES (1, 'used', 'c')", DBC_EUNIQUE,
         2067, HOSTILE, "\"c,d\"", NULL, ONCE HOSTILE ".c,d"},
        {"INSERT INTO \"q\"\"uo'te.x, y\" VALUES (1, 'b', x'00')",
         DBC_EDATATYPE, 3091, HOSTILE, "a column b", NULL,
         "cannot store BLOB value in TEXT column " HOSTILE ".a column b"},
        {"INSERT INTO \"w.x, w.x.y\" VALUES (1, 2)", DBC_EUNIQUE, 1555,
         "w.x, w.x.y", "a.b,\", \"", NULL,
         ONCE "w.x, w.x.y.a.b, w.x, w.x.y., "},
    };

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE \"q\"\"uo'te.x, y\" (\"col.umn\" INTEGER NOT NULL,"
         " \"c,d\" TEXT UNIQUE, \"a column b\" TEXT) STRICT;"
         "INSERT INTO \"q\"\"uo'te.x, y\" VALUES (1, 'used', 'c');"
         "CREATE TABLE \"w.x, w.x.y\" (\"a.b\", \", \","
         " PRIMARY KEY (\"a.b\", \", \")) WITHOUT ROWID;"
         "INSERT INTO \"w.x, w.x.y\" VALUES (1, 2)");
    assert_breaches(breaches, COUNT(breaches));
}

// The message of SQLite has more bytes than the error's.
static void reads_a_key_of_many_long_names(void **state)
{
    char sql[8000] = "CREATE TABLE \"a.b\" (";
    char names[4000] = "";
    size_t len = 0;

    (void)state;
    for (int i = 0; i < 20; i++)
        len += (size_t)snprintf(names + len, sizeof names - len,
                                "%s\"a_rather_long_column_name_%02d\"",
                                i > 0 ? ", " : "", i);
    snprintf(sql, sizeof sql,
             "CREATE TABLE \"a.b\" (%.3000s, UNIQUE (%.3000s))", names, names);
    EXEC(session.conn, sql);
    const char *insert =
        "INSERT INTO \"a.b\" VALUES (0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0)";
    EXEC(session.conn, insert);

    const dbc_error *err = ASSERT_FAILS(DBC_EUNIQUE, session.conn, insert);
    assert_string_equal("a.b", err->table);
    assert_int_equal(
        0, strncmp("a_rather_long_column_name_00,a_rather_long_column_name_01,",
                   err->columns, 58));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(tells_not_null),
        SPEC(tells_unique_columns),
        SPEC(tells_a_unique_index_over_an_expression),
        SPEC(tells_an_index_that_cannot_be_made),
        SPEC(tells_primary_keys),
        SPEC(tells_checks_by_name_or_by_their_text),
        SPEC(tells_foreign_keys),
        SPEC(leaves_a_transaction_open_whose_deferred_key_fails),
        SPEC(tells_a_deferred_key_of_a_statement_that_commits_itself),
        SPEC(tells_types_of_strict_columns),
        SPEC(passes_on_what_a_trigger_says_whatever_it_is),
        SPEC(cuts_a_message_that_is_too_long),
        SPEC(keeps_the_rows_before_the_one_that_a_trigger_fails),
        SPEC(says_that_a_trigger_rolled_everything_back),
        SPEC(takes_it_for_well_when_a_trigger_ignores_a_row),
        SPEC(finds_its_way_through_hostile_names),
        SPEC(reads_a_key_of_many_long_names),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
