// The commands of a project on a terminal: what they ask and what they make of
// the answers, the line of progress, and Ctrl-C, which leaves nothing behind.
#define _XOPEN_SOURCE 700
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "screen.h"

#define ERASE "\r\033[K"

enum {
    STOPPED_MS = 1000, // from Ctrl-C until it says so
    FILE_CAP = 1 << 16
};

// A value of a row that takes some milliseconds, so that a few hundred rows
// are long work; and one that takes for ever.
#define COUNTED_TO(limit)                                                  \
    "(WITH RECURSIVE c(i) AS (VALUES(t.id) UNION ALL SELECT i + 1 FROM c " \
    "WHERE i < " limit ") SELECT count(*) FROM c)"
#define SLOW    COUNTED_TO("20000")
#define ENDLESS COUNTED_TO("9e15")

// --------------------------------------------------------------------- helpers

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(screen_path(name), "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static size_t read_file(char *out, const char *name)
{
    FILE *file = fopen(screen_path(name), "rb");
    size_t len;

    assert_non_null(file);
    len = fread(out, 1, FILE_CAP, file);
    assert_true(len < FILE_CAP);
    fclose(file);
    return len;
}

static int has_file(const char *name)
{
    return access(screen_path(name), F_OK) == 0;
}

static dbc_conn *open_database(void)
{
    dbc_conn *conn = NULL;
    dbc_error err;

    assert_int_equal(DBC_OK,
                     dbc_open(&conn, screen_path("/app.db"), NULL, &err));
    return conn;
}

static void run_sql(const char *sql)
{
    dbc_conn *conn = open_database();

    ASSERT_RC(DBC_OK, dbc_exec(conn, sql, strlen(sql)), conn);
    dbc_close(conn);
}

static int64_t ask_database(const char *sql)
{
    dbc_conn *conn = open_database();
    dbc_stmt *stmt = NULL;
    int64_t value;

    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, conn, sql, strlen(sql)), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    value = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return value;
}

#define HAS_COLUMN(name) \
    ask_database(        \
        "SELECT count(*) FROM pragma_table_info('t') WHERE name = '" name "'")

// A table of 300 rows with a column `mail`, and the schema that calls it
// `email`.
static int make_project(void **state)
{
    if (screen_make_home(state) != 0) return -1;
    write_file("/dbcore.lua", "return { database = 'app.db', schema = "
                              "'schema.sql' }\n");
    write_file("/schema.sql",
               "CREATE TABLE t(id INTEGER PRIMARY KEY, email TEXT);\n");
    mkdir(screen_path("/migrations"), 0700);
    write_file("/migrations/0001_t.sql",
               "CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT);\n");
    run_sql("CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT);"
            "INSERT INTO t(mail) WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL "
            "SELECT i + 1 FROM c WHERE i < 300) SELECT 'm' || i FROM c;");
    return 0;
}

#define START(program, ...) \
    screen_start((program), (const char *const[]){__VA_ARGS__, NULL})

// ---------------------------------------------------------------------- asking

static void push_asks_whether_it_is_a_rename(void **state)
{
    screen push;

    (void)state;
    START(&push, "push");
    screen_expect(&push, "looks like a rename. Is email the new name? [y/N] ");
    screen_type(&push, "y\n");
    screen_expect(&push, "done");

    assert_int_equal(0, screen_finish(&push));
    assert_int_equal(300, ask_database("SELECT count(email) FROM t"));
}

static void push_asks_again_when_the_answer_is_none(void **state)
{
    screen push;

    (void)state;
    START(&push, "push");
    screen_expect(&push, "[y/N] ");
    screen_type(&push, "maybe\n");
    screen_expect(&push, "y or n, please");
    screen_expect(&push, "Is email the new name? [y/N] ");
    screen_type(&push, "  YES \n");
    screen_expect(&push, "done");

    assert_int_equal(0, screen_finish(&push));
    assert_int_equal(1, HAS_COLUMN("email"));
}

static void push_changes_nothing_when_every_answer_is_no(void **state)
{
    screen push;

    (void)state;
    START(&push, "push");
    screen_expect(&push, "Is email the new name? [y/N] ");
    screen_type(&push, "n\n");
    screen_expect(&push, "May t.mail go with what it holds? [y/N] ");
    screen_type(&push, "\n");
    screen_expect(&push, "dbscript: column \"mail\" of \"t\" (300 values)");

    assert_int_equal(3, screen_finish(&push));
    assert_int_equal(300, ask_database("SELECT count(mail) FROM t"));
}

static void push_changes_nothing_at_the_end_of_input(void **state)
{
    screen push;

    (void)state;
    START(&push, "push");
    screen_expect(&push, "[y/N] ");
    screen_type(&push, CTRL_D);
    screen_expect(&push, "dbscript: column \"mail\" of \"t\" (300 values)");

    assert_int_equal(3, screen_finish(&push));
    assert_int_equal(300, ask_database("SELECT count(mail) FROM t"));
}

static void push_changes_nothing_when_a_question_is_interrupted(void **state)
{
    screen push;

    (void)state;
    START(&push, "push");
    screen_expect(&push, "[y/N] ");
    screen_type(&push, CTRL_C);
    screen_expect(&push, "dbscript: interrupted");

    assert_int_equal(130, screen_finish(&push));
    assert_int_equal(300, ask_database("SELECT count(mail) FROM t"));
}

static void push_asks_for_values_until_they_are_sql(void **state)
{
    screen push;

    (void)state;
    write_file("/schema.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, mail "
                              "TEXT, size INTEGER NOT NULL);\n");
    START(&push, "push");
    screen_expect(&push, "SQL for the value of these rows (Enter: none): ");
    screen_type(&push, "length(\n");
    screen_expect(&push, "dbscript: ");
    screen_expect(&push, "SQL for the value of these rows (Enter: none): ");
    screen_type(&push, "length(mail)\n");
    screen_expect(&push, "done");

    assert_int_equal(0, screen_finish(&push));
    assert_int_equal(0, ask_database("SELECT count(*) FROM t WHERE size <> "
                                     "length(mail)"));
}

static void generate_asks_and_writes_one_migration(void **state)
{
    screen generate;

    (void)state;
    START(&generate, "generate", "two");
    screen_expect(&generate, "Is email the new name? [y/N] ");
    screen_type(&generate, "y\n");
    screen_expect(&generate, "written: migrations/0002_two.lua");

    assert_int_equal(0, screen_finish(&generate));
    assert_false(has_file("/migrations/0003_two.lua"));
}

static void generate_asks_for_values_that_rows_may_lack(void **state)
{
    screen generate;

    (void)state;
    write_file("/schema.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, mail "
                              "TEXT, size INTEGER NOT NULL);\n");
    START(&generate, "generate", "two");
    screen_expect(&generate, "SQL for the value of these rows (Enter: none): ");
    screen_type(&generate, "length(\n");
    screen_expect(&generate, "dbscript: ");
    screen_expect(&generate, "SQL for the value of these rows (Enter: none): ");
    screen_type(&generate, "length(mail)\n");
    screen_expect(&generate, "written: migrations/0002_two.lua");
    assert_int_equal(0, screen_finish(&generate));

    START(&generate, "baseline", "--to", "1");
    assert_int_equal(0, screen_finish(&generate));
    START(&generate, "migrate");
    assert_int_equal(0, screen_finish(&generate));
    assert_int_equal(0, ask_database("SELECT count(*) FROM t WHERE size <> "
                                     "length(mail)"));
}

static void generate_writes_nothing_when_every_answer_is_no(void **state)
{
    screen generate;

    (void)state;
    START(&generate, "generate", "two");
    screen_expect(&generate, "[y/N] ");
    screen_type(&generate, "n\n");
    screen_expect(&generate, "[y/N] ");
    screen_type(&generate, "n\n");
    screen_expect(&generate, "--rename t.mail=email says that it was renamed");

    assert_int_equal(3, screen_finish(&generate));
    assert_false(has_file("/migrations/0002_two.lua"));
}

static void json_is_never_asked_about(void **state)
{
    screen push;

    (void)state;
    START(&push, "push", "--json");
    screen_expect(&push, "\"exit\":3");

    assert_int_equal(3, screen_finish(&push));
    assert_null(strstr(push.text, "[y/N]"));
}

// -------------------------------------------------------------------- progress

// Starts a push that copies 300 rows, each with this value.
static void start_copy(screen *push, const char *value)
{
    char copy[512];

    write_file("/schema.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, mail "
                              "TEXT NOT NULL);\n");
    snprintf(copy, sizeof copy, "t.mail=%s", value);
    START(push, "push", "--no-backup", "--copy", copy);
}

static void progress_is_drawn_and_erased(void **state)
{
    const char *last = NULL, *next;
    screen push;

    (void)state;
    start_copy(&push, SLOW);
    screen_expect(&push, ERASE "step ");
    screen_expect(&push, ERASE "step ");
    screen_expect(&push, "done");

    assert_int_equal(0, screen_finish(&push));
    for (next = push.text; (next = strstr(next, ERASE "step ")); next++)
        last = next + strlen(ERASE);
    assert_non_null(last);
    // The line is gone before anything else is written.
    assert_ptr_equal(last + strcspn(last, "\r\n"), strstr(last, ERASE "done"));
}

static void progress_is_no_wider_than_the_terminal(void **state)
{
    const char *line;
    screen push;

    (void)state;
    start_copy(&push, SLOW);
    screen_resize(&push, 20);
    screen_expect(&push, ERASE "step ");
    screen_expect(&push, "done");

    assert_int_equal(0, screen_finish(&push));
    line = strstr(push.text, ERASE "step ") + strlen(ERASE);
    assert_true(strcspn(line, "\r\n") < 20);
}

// ---------------------------------------------------------------------- Ctrl-C

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

// What is in the file, and that nobody has a lock on it.
static void assert_untouched(void)
{
    run_sql("BEGIN EXCLUSIVE; ROLLBACK");
    assert_int_equal(300, ask_database("SELECT count(*) FROM t WHERE mail = "
                                       "'m' || id"));
    assert_int_equal(0, ask_database("SELECT count(*) FROM sqlite_schema WHERE "
                                     "name = 'u' OR name LIKE '%new%'"));
}

// Types Ctrl-C. Within a second all is undone and the file closed, which is
// when the program says so.
static void stop(screen *program)
{
    long started = now_ms();

    screen_type(program, CTRL_C);
    screen_expect(program,
                  "dbscript: interrupted: nothing was kept of what was under "
                  "way");
    assert_in_range(now_ms() - started, 0, STOPPED_MS);
    assert_int_equal(130, screen_finish(program));
}

static void ctrl_c_undoes_a_push(void **state)
{
    static char before[FILE_CAP], after[FILE_CAP];
    size_t len = read_file(before, "/app.db");
    screen push;

    (void)state;
    start_copy(&push, COUNTED_TO("30000"));
    screen_expect(&push, ERASE "step ");
    stop(&push);

    assert_int_equal(len, read_file(after, "/app.db"));
    assert_memory_equal(before, after, len);
    assert_untouched();
    start_copy(&push, "upper(mail)");
    assert_int_equal(0, screen_finish(&push));
    assert_int_equal(300, ask_database("SELECT count(*) FROM t WHERE mail = "
                                       "'M' || id"));
}

static void ctrl_c_ends_a_look_at_rows_before_a_push(void **state)
{
    screen push;

    (void)state;
    write_file("/dbcore.lua", "io.stderr:write 'read ' return { database = "
                              "'app.db', schema = 'schema.sql' }\n");
    start_copy(&push, ENDLESS);
    screen_expect(&push, "read ");
    poll(NULL, 0, 300);
    stop(&push);

    assert_untouched();
}

static void finish(const char *const *arguments, const char *text)
{
    screen program;

    screen_start(&program, arguments);
    screen_expect(&program, text);
    assert_int_equal(0, screen_finish(&program));
}

#define FINISH(text, ...) \
    finish((const char *const[]){__VA_ARGS__, NULL}, (text))

// A migration without an end behind one that says where it is.
static void stop_migration(const char *name, const char *text)
{
    screen migrate;

    FINISH("marked", "baseline");
    write_file("/migrations/0002_short.sql", "CREATE INDEX i ON t(mail);\n");
    write_file(name, text);
    START(&migrate, "migrate");
    screen_expect(&migrate, "0002_short");
    stop(&migrate);

    assert_untouched();
    FINISH("2 applied, 1 due", "status");
}

static void ctrl_c_undoes_a_migration_in_sql(void **state)
{
    (void)state;
    stop_migration("/migrations/0003_long.sql",
                   "CREATE TABLE u(x);\n"
                   "UPDATE t SET mail = " ENDLESS ";\n");
    write_file("/migrations/0003_long.sql", "CREATE TABLE u(x);\n");
    FINISH("0003_long", "migrate");
}

static void ctrl_c_undoes_a_migration_in_lua(void **state)
{
    (void)state;
    stop_migration("/migrations/0003_long.lua",
                   "return { up = function(m)\n"
                   "  m:execute 'CREATE TABLE u(x)'\n"
                   "  m:execute 'DELETE FROM t'\n"
                   "  while true do end\n"
                   "end }\n");
    write_file("/migrations/0003_long.lua",
               "return { up = function(m) m:execute 'CREATE TABLE u(x)' end "
               "}\n");
    FINISH("0003_long", "migrate");
}

static void ctrl_c_ends_waiting_for_a_lock(void **state)
{
    dbc_conn *other = open_database();
    screen migrate;

    (void)state;
    ASSERT_RC(DBC_OK, dbc_exec(other, SQL("BEGIN IMMEDIATE")), other);
    // Files are read last before the lock is waited for.
    write_file("/migrations/0002_said.lua",
               "io.stderr:write 'read ' return { up = function() end }\n");
    START(&migrate, "migrate", "--lock-timeout", "60");
    screen_expect(&migrate, "read ");
    poll(NULL, 0, 300);
    stop(&migrate);

    dbc_close(other);
    assert_untouched();
}

#define IN_PROJECT(name) \
    cmocka_unit_test_setup_teardown(name, make_project, screen_remove_home)

int main(void)
{
    const struct CMUnitTest specs[] = {
        IN_PROJECT(push_asks_whether_it_is_a_rename),
        IN_PROJECT(push_asks_again_when_the_answer_is_none),
        IN_PROJECT(push_changes_nothing_when_every_answer_is_no),
        IN_PROJECT(push_changes_nothing_at_the_end_of_input),
        IN_PROJECT(push_changes_nothing_when_a_question_is_interrupted),
        IN_PROJECT(push_asks_for_values_until_they_are_sql),
        IN_PROJECT(generate_asks_and_writes_one_migration),
        IN_PROJECT(generate_asks_for_values_that_rows_may_lack),
        IN_PROJECT(generate_writes_nothing_when_every_answer_is_no),
        IN_PROJECT(json_is_never_asked_about),
        IN_PROJECT(progress_is_drawn_and_erased),
        IN_PROJECT(progress_is_no_wider_than_the_terminal),
        IN_PROJECT(ctrl_c_undoes_a_push),
        IN_PROJECT(ctrl_c_ends_a_look_at_rows_before_a_push),
        IN_PROJECT(ctrl_c_undoes_a_migration_in_sql),
        IN_PROJECT(ctrl_c_undoes_a_migration_in_lua),
        IN_PROJECT(ctrl_c_ends_waiting_for_a_lock),
    };

    return cmocka_run_group_tests(specs, NULL, NULL);
}
