// dbscript on a terminal: its prompt, its history, Ctrl-C. Each spec types
// and waits for what the screen must show.
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "screen.h"

#define TAB     "\t"
#define UP      "\033[A"
#define HISTORY "/home/.local/state/dbscript/history"

// Types a line at the prompt and waits for what it shows.
static void ask(screen *self, const char *line, const char *answer)
{
    screen_expect(self, "> ");
    screen_type(self, line);
    screen_type(self, "\n");
    screen_expect(self, answer);
}

static int leave(screen *self)
{
    screen_expect(self, "> ");
    screen_type(self, CTRL_D);
    return screen_finish(self);
}

static void start_repl(screen *self)
{
    static const char *const arguments[] = {"--database", ":memory:", NULL};

    screen_start(self, arguments);
}

static void start_code(screen *self, const char *code)
{
    const char *const arguments[] = {"--database", ":memory:", "-e", code,
                                     NULL};

    screen_start(self, arguments);
}

// ---------------------------------------------------------------------- REPL

static void repl_greets_and_leaves_with_ctrl_d(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    screen_expect(&repl, "dbscript " DBC_VERSION " (Lua 5.4");
    screen_expect(&repl, "db is \":memory:\"");

    assert_int_equal(0, leave(&repl));
}

static void repl_shows_the_values_of_expressions(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "1 + 1, 'a', nil", "2\t\"a\"\tnil\r\n");
    ask(&repl, "x = 5", "\r\n");
    ask(&repl, "{ x = x }", "{ x = 5 }\r\n");

    assert_int_equal(0, leave(&repl));
}

static void repl_waits_for_the_rest_of_a_statement(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "for i = 1, 2 do", ">> ");
    screen_type(&repl, "print('n' .. i)\n");
    screen_expect(&repl, ">> ");
    screen_type(&repl, "end\n");
    screen_expect(&repl, "n1\r\nn2\r\n");
    ask(&repl, "{", ">> ");
    screen_type(&repl, "7 }\n");
    screen_expect(&repl, "{ 7 }\r\n");

    assert_int_equal(0, leave(&repl));
}

static void repl_tells_those_who_want_out_how(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "exit()", ".quit leaves, as Ctrl-D does\r\n");
    ask(&repl, "help", ".help shows the commands\r\n");
    ask(&repl, "help = 5", "\r\n");
    ask(&repl, "help", "5\r\n");

    assert_int_equal(0, leave(&repl));
}

static void repl_goes_on_after_an_error(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "nothing.field",
        "\033[31mattempt to index a nil value (global 'nothing')\033[0m\r\n");
    ask(&repl, "1 = 2", "\033[31m");
    ask(&repl, "'still ' .. 'here'", "\"still here\"");

    assert_int_equal(0, leave(&repl));
}

static void repl_keeps_colours_to_itself_when_asked(void **state)
{
    screen repl;

    (void)state;
    setenv("NO_COLOR", "1", 1);
    start_repl(&repl);
    ask(&repl, "nothing.field", "\r\nattempt to index");
    ask(&repl, "SELECT NULL AS a;", "\r\n NULL\r\n");
    unsetenv("NO_COLOR");

    assert_int_equal(0, leave(&repl));
}

static void repl_runs_sql_and_shows_rows_as_a_table(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);",
        "(done)");
    ask(&repl, "INSERT INTO people VALUES (1, 'Zoë'),", ">> ");
    screen_type(&repl, "(20, NULL);\n");
    screen_expect(&repl, "(2 rows changed)");
    ask(&repl, "SELECT name, id FROM people;",
        "\r\n name │ id\r\n──────┼────\r\n Zoë  │  1\r\n");
    screen_expect(&repl, "NULL");
    screen_expect(&repl, " │ 20\r\n(2 rows)");
    ask(&repl, "SELECT id FROM people WHERE 0;", " id\r\n────\r\n(0 rows)");
    ask(&repl, "SELECT nope FROM people;", "nope");
    ask(&repl, "PRAGMA user_version = 3;", "(done)");
    ask(&repl, "PRAGMA user_version;", "user_version");

    assert_int_equal(0, leave(&repl));
}

static void repl_shows_the_first_rows_of_a_query(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl,
        "db:query('WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 "
        "FROM c WHERE i < 70) SELECT i FROM c')",
        "(50 rows, 20 more with :all())");
    ask(&repl, "db:query('SELECT 1 AS one'):all()",
        " one\r\n─────\r\n   1\r\n(1 row)");

    assert_int_equal(0, leave(&repl));
}

static void repl_has_commands(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, ".help", ".schema [TABLE]");
    ask(&repl, "CREATE TABLE people (id INTEGER);", "(done)");
    ask(&repl, ".tables", "\npeople\r\n");
    ask(&repl, ".schema people", "CREATE TABLE people (id INTEGER);\r\n");
    ask(&repl, ".schema peple", "no table \"peple\", did you mean \"people\"?");
    ask(&repl, ".tabels", "did you mean \".tables\"?");
    ask(&repl, ".timing on", "> ");
    screen_type(&repl, "1\n");
    screen_expect(&repl, " ms\r\n");
    ask(&repl, ".timing maybe", ".timing takes on or off");
    ask(&repl, ".open /nowhere/at/all.db", "/nowhere/at/all.db");
    ask(&repl, ".tables", "\npeople\r\n");
    ask(&repl, ".open :memory:", "> ");
    screen_type(&repl, ".quit\n");

    assert_int_equal(0, screen_finish(&repl));
}

static void repl_without_a_database_says_how_to_open_one(void **state)
{
    static const char *const none[] = {NULL};
    screen repl;

    (void)state;
    screen_start(&repl, none);
    ask(&repl, "SELECT 1;", "no database is open: .open FILE opens one");
    ask(&repl, ".tables", "no database is open: .open FILE opens one");
    ask(&repl, "dbcore ~= nil", "true");

    assert_int_equal(0, leave(&repl));
}

// ---------------------------------------------------------------- completion

static void tab_completes_names(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "CREATE TABLE people (id INTEGER, surname TEXT);", "(done)");
    screen_expect(&repl, "> ");
    screen_type(&repl, "string.byt" TAB "('A')\n");
    screen_expect(&repl, "65\r\n");
    screen_expect(&repl, "> ");
    screen_type(&repl, "SELECT surn" TAB ", 7 FROM peo" TAB ";\n");
    screen_expect(&repl, " surname │ 7");
    screen_expect(&repl, "(0 rows)");
    screen_expect(&repl, "> ");
    screen_type(&repl, ".ta" TAB "\n");
    screen_expect(&repl, "\npeople\r\n");

    assert_int_equal(0, leave(&repl));
}

static void tab_lists_what_is_possible(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    screen_expect(&repl, "> ");
    screen_type(&repl, "coroutine.r" TAB);
    screen_expect(&repl, "resume");
    screen_expect(&repl, "running");
    screen_expect(&repl, "coroutine.r");
    screen_type(&repl, "unning() ~= nil\n");
    screen_expect(&repl, "true");

    assert_int_equal(0, leave(&repl));
}

// ------------------------------------------------------------------- history

static void history_outlives_the_session(void **state)
{
    screen repl;
    struct stat file;

    (void)state;
    start_repl(&repl);
    ask(&repl, "'remember ' .. 'me'", "\"remember me\"");
    assert_int_equal(0, leave(&repl));

    assert_int_equal(0, stat(screen_path(HISTORY), &file));
    assert_int_equal(0600, file.st_mode & 0777);

    start_repl(&repl);
    screen_expect(&repl, "> ");
    screen_type(&repl, UP "\n");
    screen_expect(&repl, "\"remember me\"");
    assert_int_equal(0, leave(&repl));
}

static void history_that_cannot_be_written_is_no_error(void **state)
{
    screen repl;

    (void)state;
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    start_repl(&repl);
    ask(&repl, "2 + 2", "4\r\n");
    unsetenv("XDG_STATE_HOME");

    assert_int_equal(0, leave(&repl));
    assert_null(strstr(repl.text, "cannot write"));
}

// -------------------------------------------------------------------- Ctrl-C

static void ctrl_c_forgets_the_line(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "for i = 1, 2 do", ">> ");
    screen_type(&repl, "print(" CTRL_C);
    screen_expect(&repl, "^C\r\n");
    ask(&repl, "'fresh ' .. 'line'", "\"fresh line\"");

    assert_int_equal(0, leave(&repl));
}

static void ctrl_c_stops_lua_at_the_prompt(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "print('run' .. 'ning') while true do end", "running");
    screen_type(&repl, CTRL_C);
    screen_expect(&repl, "interrupted");
    ask(&repl, "1 + 2", "3\r\n");

    assert_int_equal(0, leave(&repl));
}

static const char endless_sql[] =
    "print('run' .. 'ning') db:query([[WITH RECURSIVE c(i) AS (VALUES(1) "
    "UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c]]):all()";

static void ctrl_c_stops_sql_at_the_prompt(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, endless_sql, "running");
    screen_type(&repl, CTRL_C);
    screen_expect(&repl, "interrupted");
    ask(&repl, "SELECT 5 + 6 AS eleven;", "11");

    assert_int_equal(0, leave(&repl));
}

static void ctrl_c_ends_a_script_with_130(void **state)
{
    screen script;

    (void)state;
    start_code(&script, "print('run' .. 'ning') while true do end");
    screen_expect(&script, "running");
    screen_type(&script, CTRL_C);
    screen_expect(&script, "dbscript: (command line):1: interrupted\r\n");

    assert_int_equal(130, screen_finish(&script));
}

static void ctrl_c_ends_sql_of_a_script_with_130(void **state)
{
    screen script;

    (void)state;
    start_code(&script, endless_sql);
    screen_expect(&script, "running");
    screen_type(&script, CTRL_C);
    screen_expect(&script, "interrupted\r\n");

    assert_int_equal(130, screen_finish(&script));
}

static void ctrl_c_stops_connections_the_script_opened(void **state)
{
    screen script;

    (void)state;
    start_code(&script,
               "local db = dbcore.open(':memory:') print('run' .. 'ning') "
               "db:query([[WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT "
               "i + 1 FROM c) SELECT count(*) FROM c]]):all()");
    screen_expect(&script, "running");
    screen_type(&script, CTRL_C);
    screen_expect(&script, "interrupted\r\n");

    assert_int_equal(130, screen_finish(&script));
}

static void ctrl_c_twice_kills(void **state)
{
    screen script;

    (void)state;
    start_code(&script, "local function again() pcall(function() print('run' "
                        ".. 'ning') while true do end end) return again() end "
                        "again()");
    screen_expect(&script, "running");
    screen_type(&script, CTRL_C);
    screen_expect(&script, "running");
    screen_type(&script, CTRL_C);

    assert_int_equal(128 + SIGINT, screen_finish(&script));
}

static void ctrl_c_that_was_caught_is_over(void **state)
{
    screen script;

    (void)state;
    start_code(&script, "print(pcall(function() print('run' .. 'ning') while "
                        "true do end end)) print('went ' .. 'on')");
    screen_expect(&script, "running");
    screen_type(&script, CTRL_C);
    screen_expect(&script, "false\t");
    screen_expect(&script, "interrupted\r\n");
    screen_expect(&script, "went on");

    assert_int_equal(0, screen_finish(&script));
}

// ------------------------------------------------------------------- options

static void minus_i_starts_the_repl_behind_the_script(void **state)
{
    static const char *const arguments[] = {"-i", "-e", "x = 'set'", NULL};
    screen repl;

    (void)state;
    screen_start(&repl, arguments);
    ask(&repl, "x .. ' before'", "\"set before\"");

    assert_int_equal(0, leave(&repl));
}

static void lines_are_read_plainly_on_a_dumb_terminal(void **state)
{
    screen repl;

    (void)state;
    setenv("TERM", "dumb", 1);
    start_repl(&repl);
    ask(&repl, "3 * 3", "9\r\n");
    ask(&repl, "for i = 1, 2 do", ">> ");
    screen_type(&repl, CTRL_C);
    ask(&repl, "4 * 4", "16\r\n");
    setenv("TERM", "xterm", 1);

    assert_int_equal(0, leave(&repl));
}

static void tables_follow_the_width_of_the_window(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    screen_expect(&repl, "> ");
    screen_resize(&repl, 30);
    screen_type(&repl, "SELECT printf('%.*c', 60, 'x') AS wide;\n");
    screen_expect(&repl, "\n xxxxxxxxxxxxxxxxxxxxxxxxxxx…\r\n");

    assert_int_equal(0, leave(&repl));
}

#define AT_HOME(name) \
    cmocka_unit_test_setup_teardown(name, screen_make_home, screen_remove_home)

int main(void)
{
    const struct CMUnitTest specs[] = {
        AT_HOME(repl_greets_and_leaves_with_ctrl_d),
        AT_HOME(repl_shows_the_values_of_expressions),
        AT_HOME(repl_tells_those_who_want_out_how),
        AT_HOME(repl_waits_for_the_rest_of_a_statement),
        AT_HOME(repl_goes_on_after_an_error),
        AT_HOME(repl_keeps_colours_to_itself_when_asked),
        AT_HOME(repl_runs_sql_and_shows_rows_as_a_table),
        AT_HOME(repl_shows_the_first_rows_of_a_query),
        AT_HOME(repl_has_commands),
        AT_HOME(repl_without_a_database_says_how_to_open_one),
        AT_HOME(tab_completes_names),
        AT_HOME(tab_lists_what_is_possible),
        AT_HOME(history_outlives_the_session),
        AT_HOME(history_that_cannot_be_written_is_no_error),
        AT_HOME(ctrl_c_forgets_the_line),
        AT_HOME(ctrl_c_stops_lua_at_the_prompt),
        AT_HOME(ctrl_c_stops_sql_at_the_prompt),
        AT_HOME(ctrl_c_ends_a_script_with_130),
        AT_HOME(ctrl_c_ends_sql_of_a_script_with_130),
        AT_HOME(ctrl_c_stops_connections_the_script_opened),
        AT_HOME(ctrl_c_twice_kills),
        AT_HOME(ctrl_c_that_was_caught_is_over),
        AT_HOME(minus_i_starts_the_repl_behind_the_script),
        AT_HOME(lines_are_read_plainly_on_a_dumb_terminal),
        AT_HOME(tables_follow_the_width_of_the_window),
    };

    return cmocka_run_group_tests(specs, NULL, NULL);
}
