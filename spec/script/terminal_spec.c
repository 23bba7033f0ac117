// dbscript on a terminal: a person's keys go in, the screen comes out. Each
// spec starts the program of the environment variable DBSCRIPT on a terminal
// of its own, with a home of its own, and waits for what the screen must show.
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "spec.h"

enum {
    PATIENCE_MS = 20000, // until a text must have come
    SCREEN_CAP = 1 << 16,
    ARGUMENTS = 8
};

#define CTRL_C  "\003"
#define CTRL_D  "\004"
#define TAB     "\t"
#define UP      "\033[A"
#define HOME    "/home"
#define HISTORY HOME "/.local/state/dbscript/history"

typedef struct screen {
    int fd;
    pid_t pid;
    char text[SCREEN_CAP]; // all that came, ends with a NUL
    size_t len;
    size_t seen; // what expect() has passed
} screen;

static pid_t running; // the program of the spec that runs, 0 when it ended

static char folder[] = "/tmp/dbscript_spec_XXXXXX";

static const char *path_in(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s%s", folder, name);
    return path;
}

// ------------------------------------------------------------------- program

static void become_program(const char *terminal, const char *const *arguments)
{
    const char *words[ARGUMENTS] = {"dbscript"};
    int fd;

    setsid();
    fd = open(terminal, O_RDWR);
    if (fd < 0) _exit(99);
    ioctl(fd, TIOCSCTTY, 0);
    dup2(fd, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    for (int i = 0; arguments[i]; i++)
        words[i + 1] = arguments[i];
    execv(getenv("DBSCRIPT"), (char *const *)words);
    _exit(99);
}

static void set_size(int fd, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};

    assert_int_equal(0, ioctl(fd, TIOCSWINSZ, &size));
}

// `arguments` ends with NULL.
static void start(screen *self, const char *const *arguments)
{
    const char *terminal;

    assert_non_null(getenv("DBSCRIPT"));
    memset(self, 0, sizeof *self);
    self->fd = posix_openpt(O_RDWR | O_NOCTTY);
    if (self->fd < 0) skip();
    assert_int_equal(0, grantpt(self->fd));
    assert_int_equal(0, unlockpt(self->fd));
    terminal = ptsname(self->fd);
    // A bare chroot has no /dev/pts: there is no terminal to test on.
    if (terminal == NULL || access(terminal, R_OK | W_OK) != 0) skip();
    set_size(self->fd, 80);
    self->pid = fork();
    assert_true(self->pid >= 0);
    if (self->pid == 0) become_program(terminal, arguments);
    running = self->pid;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

// Takes what comes until `deadline`. Returns 0 when nothing comes any more.
static int take(screen *self, long deadline)
{
    struct pollfd input = {.fd = self->fd, .events = POLLIN};
    long rest = deadline - now_ms();
    ssize_t n;

    if (rest <= 0 || poll(&input, 1, (int)rest) <= 0) return 0;
    n = read(self->fd, self->text + self->len, SCREEN_CAP - 1 - self->len);
    if (n <= 0) return 0;
    self->len += (size_t)n;
    self->text[self->len] = '\0';
    return 1;
}

// Waits until `text` comes behind what was expected before.
static void expect(screen *self, const char *text)
{
    long deadline = now_ms() + PATIENCE_MS;
    const char *found;

    while (!(found = strstr(self->text + self->seen, text))) {
        if (!take(self, deadline))
            fail_msg("\"%s\" did not come, but \"%s\"", text,
                     self->text + self->seen);
    }
    self->seen = (size_t)(found - self->text) + strlen(text);
}

static void type_keys(screen *self, const char *keys)
{
    assert_int_equal((ssize_t)strlen(keys),
                     write(self->fd, keys, strlen(keys)));
}

// Types a line at the prompt and waits for what it shows.
static void ask(screen *self, const char *line, const char *answer)
{
    expect(self, "> ");
    type_keys(self, line);
    type_keys(self, "\n");
    expect(self, answer);
}

// Waits for the end. Returns the exit code, or 128 and the signal.
static int finish(screen *self)
{
    long deadline = now_ms() + PATIENCE_MS;
    int status = 0;

    while (take(self, deadline)) {
    }
    while (waitpid(self->pid, &status, WNOHANG) == 0) {
        if (now_ms() > deadline)
            fail_msg("the program did not end; the screen was \"%s\"",
                     self->text);
        poll(NULL, 0, 5);
    }
    running = 0;
    close(self->fd);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status);
}

static int leave(screen *self)
{
    expect(self, "> ");
    type_keys(self, CTRL_D);
    return finish(self);
}

static void start_repl(screen *self)
{
    static const char *const arguments[] = {"--database", ":memory:", NULL};

    start(self, arguments);
}

static void start_code(screen *self, const char *code)
{
    const char *const arguments[] = {"--database", ":memory:", "-e", code,
                                     NULL};

    start(self, arguments);
}

// ---------------------------------------------------------------------- REPL

static void repl_greets_and_leaves_with_ctrl_d(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    expect(&repl, "dbscript " DBC_VERSION " (Lua 5.4");
    expect(&repl, "db is \":memory:\"");

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
    type_keys(&repl, "print('n' .. i)\n");
    expect(&repl, ">> ");
    type_keys(&repl, "end\n");
    expect(&repl, "n1\r\nn2\r\n");
    ask(&repl, "{", ">> ");
    type_keys(&repl, "7 }\n");
    expect(&repl, "{ 7 }\r\n");

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
    type_keys(&repl, "(20, NULL);\n");
    expect(&repl, "(2 rows changed)");
    ask(&repl, "SELECT name, id FROM people;",
        "\r\n name │ id\r\n──────┼────\r\n Zoë  │  1\r\n");
    expect(&repl, "NULL");
    expect(&repl, " │ 20\r\n(2 rows)");
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
    type_keys(&repl, "1\n");
    expect(&repl, " ms\r\n");
    ask(&repl, ".timing maybe", ".timing takes on or off");
    ask(&repl, ".open /nowhere/at/all.db", "/nowhere/at/all.db");
    ask(&repl, ".tables", "\npeople\r\n");
    ask(&repl, ".open :memory:", "> ");
    type_keys(&repl, ".quit\n");

    assert_int_equal(0, finish(&repl));
}

static void repl_without_a_database_says_how_to_open_one(void **state)
{
    static const char *const none[] = {NULL};
    screen repl;

    (void)state;
    start(&repl, none);
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
    expect(&repl, "> ");
    type_keys(&repl, "string.byt" TAB "('A')\n");
    expect(&repl, "65\r\n");
    expect(&repl, "> ");
    type_keys(&repl, "SELECT surn" TAB ", 7 FROM peo" TAB ";\n");
    expect(&repl, " surname │ 7");
    expect(&repl, "(0 rows)");
    expect(&repl, "> ");
    type_keys(&repl, ".ta" TAB "\n");
    expect(&repl, "\npeople\r\n");

    assert_int_equal(0, leave(&repl));
}

static void tab_lists_what_is_possible(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    expect(&repl, "> ");
    type_keys(&repl, "coroutine.r" TAB);
    expect(&repl, "resume");
    expect(&repl, "running");
    expect(&repl, "coroutine.r");
    type_keys(&repl, "unning() ~= nil\n");
    expect(&repl, "true");

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

    assert_int_equal(0, stat(path_in(HISTORY), &file));
    assert_int_equal(0600, file.st_mode & 0777);

    start_repl(&repl);
    expect(&repl, "> ");
    type_keys(&repl, UP "\n");
    expect(&repl, "\"remember me\"");
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
    type_keys(&repl, "print(" CTRL_C);
    expect(&repl, "^C\r\n");
    ask(&repl, "'fresh ' .. 'line'", "\"fresh line\"");

    assert_int_equal(0, leave(&repl));
}

static void ctrl_c_stops_lua_at_the_prompt(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    ask(&repl, "print('run' .. 'ning') while true do end", "running");
    type_keys(&repl, CTRL_C);
    expect(&repl, "interrupted");
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
    type_keys(&repl, CTRL_C);
    expect(&repl, "interrupted");
    ask(&repl, "SELECT 5 + 6 AS eleven;", "11");

    assert_int_equal(0, leave(&repl));
}

static void ctrl_c_ends_a_script_with_130(void **state)
{
    screen script;

    (void)state;
    start_code(&script, "print('run' .. 'ning') while true do end");
    expect(&script, "running");
    type_keys(&script, CTRL_C);
    expect(&script, "dbscript: (command line):1: interrupted\r\n");

    assert_int_equal(130, finish(&script));
}

static void ctrl_c_ends_sql_of_a_script_with_130(void **state)
{
    screen script;

    (void)state;
    start_code(&script, endless_sql);
    expect(&script, "running");
    type_keys(&script, CTRL_C);
    expect(&script, "interrupted\r\n");

    assert_int_equal(130, finish(&script));
}

static void ctrl_c_stops_connections_the_script_opened(void **state)
{
    screen script;

    (void)state;
    start_code(&script,
               "local db = dbcore.open(':memory:') print('run' .. 'ning') "
               "db:query([[WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT "
               "i + 1 FROM c) SELECT count(*) FROM c]]):all()");
    expect(&script, "running");
    type_keys(&script, CTRL_C);
    expect(&script, "interrupted\r\n");

    assert_int_equal(130, finish(&script));
}

static void ctrl_c_twice_kills(void **state)
{
    screen script;

    (void)state;
    start_code(&script, "local function again() pcall(function() print('run' "
                        ".. 'ning') while true do end end) return again() end "
                        "again()");
    expect(&script, "running");
    type_keys(&script, CTRL_C);
    expect(&script, "running");
    type_keys(&script, CTRL_C);

    assert_int_equal(128 + SIGINT, finish(&script));
}

static void ctrl_c_that_was_caught_is_over(void **state)
{
    screen script;

    (void)state;
    start_code(&script, "print(pcall(function() print('run' .. 'ning') while "
                        "true do end end)) print('went ' .. 'on')");
    expect(&script, "running");
    type_keys(&script, CTRL_C);
    expect(&script, "false\t");
    expect(&script, "interrupted\r\n");
    expect(&script, "went on");

    assert_int_equal(0, finish(&script));
}

// ------------------------------------------------------------------- options

static void minus_i_starts_the_repl_behind_the_script(void **state)
{
    static const char *const arguments[] = {"-i", "-e", "x = 'set'", NULL};
    screen repl;

    (void)state;
    start(&repl, arguments);
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
    type_keys(&repl, CTRL_C);
    ask(&repl, "4 * 4", "16\r\n");
    setenv("TERM", "xterm", 1);

    assert_int_equal(0, leave(&repl));
}

static void tables_follow_the_width_of_the_window(void **state)
{
    screen repl;

    (void)state;
    start_repl(&repl);
    expect(&repl, "> ");
    set_size(repl.fd, 30);
    type_keys(&repl, "SELECT printf('%.*c', 60, 'x') AS wide;\n");
    expect(&repl, "\n xxxxxxxxxxxxxxxxxxxxxxxxxxx…\r\n");

    assert_int_equal(0, leave(&repl));
}

// A fresh home for each spec.
static int make_home(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    if (!mkdtemp(folder) || mkdir(path_in(HOME), 0700) != 0) return -1;
    setenv("HOME", path_in(HOME), 1);
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("XDG_STATE_HOME");
    unsetenv("NO_COLOR");
    return 0;
}

static int remove_home(void **state)
{
    static const char *const names[] = {HISTORY,
                                        HOME "/.local/state/dbscript",
                                        HOME "/.local/state",
                                        HOME "/.local",
                                        HOME,
                                        ""};

    (void)state;
    if (running) {
        kill(running, SIGKILL);
        waitpid(running, NULL, 0);
        running = 0;
    }
    for (size_t i = 0; i < COUNT(names); i++)
        (void)remove(path_in(names[i]));
    return 0;
}

#define AT_HOME(name) \
    cmocka_unit_test_setup_teardown(name, make_home, remove_home)

int main(void)
{
    const struct CMUnitTest specs[] = {
        AT_HOME(repl_greets_and_leaves_with_ctrl_d),
        AT_HOME(repl_shows_the_values_of_expressions),
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
