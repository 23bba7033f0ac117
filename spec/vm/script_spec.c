// A script VM as its host sees it: loading, calling, functions of the host,
// limits, reloading, and memory that runs out.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"
#include "world.h"

static world *open_profile(dbc_script_profile profile,
                           const dbc_script_limits *limits)
{
    world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    assert_int_equal(DBC_OK, world_open(w, profile, limits));
    return w;
}

static int open_world(world *out, dbc_script_profile profile,
                      const dbc_alloc *alloc)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;

    limits.alloc = alloc;
    return world_open(out, profile, &limits);
}

static int load(world *w, const char *text)
{
    return dbc_script_load(w->vm, "spec.lua", text, strlen(text), &w->err);
}

static void must_load(world *w, const char *text)
{
    if (load(w, text) < 0) fail_msg("%s", w->err.message);
}

static int64_t count_rows(world *w, const char *table)
{
    char sql[100];
    dbc_stmt *stmt;
    int64_t count;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, w->conn, sql, strlen(sql)),
              w->conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), w->conn);
    count = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return count;
}

// --------------------------------------------------------------------- calling

static void calls_a_function_with_what_its_signature_says(void **state)
{
    world *w = *state;
    const char *text;
    int64_t number;
    double real;
    int yes;

    must_load(w, "function f(i, r, b, t) return i + 1, r * 2, not b, t .. '!' "
                 "end");
    assert_int_equal(
        DBC_OK, dbc_script_call(
                    w->vm, "f", &w->err,
                    "integer,real,boolean,text>integer,real,boolean,text",
                    INT64_C(41), 1.25, 0, "hi", &number, &real, &yes, &text));

    assert_int_equal(42, number);
    assert_true(real == 2.5);
    assert_int_equal(1, yes);
    assert_string_equal("hi!", text);
}

static void hands_tables_over_both_ways(void **state)
{
    world *w = *state;
    const dbc_script_field lines[] = {{NULL, {DBC_INT, 0, {7}}, NULL},
                                      {NULL, {DBC_INT, 0, {35}}, NULL}};
    const dbc_script_table list = {lines, 2};
    const dbc_script_field fields[] = {{"lines", {DBC_NULL, 0, {0}}, &list}};
    const dbc_script_table order = {fields, 1};
    const dbc_script_table *answer;

    must_load(w, "function f(o) return { sum = o.lines[1] + o.lines[2], "
                 "inner = { 'x' } } end");
    assert_int_equal(DBC_OK, dbc_script_call(w->vm, "f", &w->err, "table>table",
                                             &order, &answer));

    assert_int_equal(2, answer->count);
    assert_string_equal("inner", answer->fields[0].name);
    assert_string_equal("x", answer->fields[0].table->fields[0].value.as.text);
    assert_string_equal("sum", answer->fields[1].name);
    assert_int_equal(42, answer->fields[1].value.as.i);
}

static void takes_nil_where_a_word_is_optional(void **state)
{
    world *w = *state;
    const char *text = "before";
    dbc_value value;

    must_load(w, "function f(t) return t, nil end");
    assert_int_equal(DBC_OK,
                     dbc_script_call(w->vm, "f", &w->err, "text?>text?,value",
                                     (const char *)NULL, &text, &value));

    assert_null(text);
    assert_int_equal(DBC_NULL, value.type);
}

static void writes_no_result_when_one_does_not_fit(void **state)
{
    world *w = *state;
    int64_t first = 5, second = 6;

    must_load(w, "function f() return 1, 'x' end");
    assert_int_equal(DBC_EINVALID,
                     dbc_script_call(w->vm, "f", &w->err, ">integer,integer",
                                     &first, &second));

    assert_string_equal("result 2 of \"f\" must be an integer, got string",
                        w->err.message);
    assert_int_equal(5, first);
}

static void refuses_a_table_that_holds_itself(void **state)
{
    world *w = *state;
    const dbc_script_table *out;

    must_load(w, "function f() local t = {} t.t = t return t end");

    assert_int_equal(DBC_EINVALID,
                     dbc_script_call(w->vm, "f", &w->err, ">table", &out));
    assert_non_null(strstr(w->err.message, "holds itself"));
}

static void says_where_a_signature_is_wrong(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_EINVALID,
                     dbc_script_call(w->vm, "f", &w->err, "text,flaot"));
    assert_non_null(strstr(w->err.message, "\"flaot\""));
}

static void says_which_function_is_not_there(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ENOTFOUND, dbc_script_call(w->vm, "g", &w->err, ""));
    assert_non_null(strstr(w->err.message, "\"g\""));
    assert_false(dbc_script_has(w->vm, "g"));
}

static void names_file_and_line_of_an_error(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ESCRIPT, load(w, "\nerror('oh')"));
    assert_string_equal("spec.lua:2: oh", w->err.message);
    assert_int_equal(DBC_ESYNTAX, load(w, "x = = 1"));
    assert_non_null(strstr(w->err.message, "spec.lua:1:"));
}

static void loads_no_bytecode(void **state)
{
    world *w = *state;
    static const char code[] = "\033Lua";

    assert_int_equal(DBC_ESYNTAX,
                     dbc_script_load(w->vm, "x", code, 4, &w->err));
}

static void survives_errors_of_any_kind(void **state)
{
    static const char *const texts[] = {
        "error()",
        "error({})",
        "error(print)",
        "error(0/0)",
        "error(true)",
        "error(setmetatable({}, { __tostring = function() error('x') end }))",
        "error(setmetatable({}, { __tostring = function() return {} end }))",
        "error({ code = {}, message = 1 })",
        "error(('x'):rep(100000))",
        "error('a\\nb\\0c')",
        "error(coroutine.create(print))"};
    world *w = *state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(DBC_ESCRIPT, load(w, texts[i]));
        assert_true(*w->err.message != '\0');
        assert_null(strchr(w->err.message, '\n'));
    }
    must_load(w, "x = 1");
}

// ---------------------------------------------------------- functions of the
// host

static int add(dbc_script_args *args, void *ud)
{
    int64_t *calls = ud;

    ++*calls;
    dbc_script_return(args, dbc_value_int(dbc_script_arg(args, 0).as.i +
                                          dbc_script_arg(args, 1).as.i));
    return DBC_OK;
}

static void calls_functions_of_the_host(void **state)
{
    world *w = *state;
    int64_t calls = 0, out = 0;

    assert_int_equal(DBC_OK, dbc_script_register_typed(
                                 w->vm, "add", "integer,integer>integer", add,
                                 &calls, &w->err));
    must_load(w, "function f(x) return add(x, 2) end");
    assert_int_equal(DBC_OK,
                     dbc_script_call(w->vm, "f", &w->err, "integer>integer",
                                     INT64_C(40), &out));

    assert_int_equal(42, out);
    assert_int_equal(1, calls);
}

static void refuses_arguments_that_do_not_fit_before_the_call(void **state)
{
    world *w = *state;
    int64_t calls = 0;

    dbc_script_register_typed(w->vm, "add", "integer,integer>integer", add,
                              &calls, &w->err);

    assert_int_equal(DBC_ESCRIPT, load(w, "add(1, 'x')"));
    assert_non_null(strstr(w->err.message, "an integer expected, got string"));
    assert_int_equal(0, calls);
}

static int refuse(dbc_script_args *args, void *ud)
{
    (void)ud;
    return dbc_script_fail(args, DBC_EBUSY, "the mail server is busy");
}

static void passes_a_failure_of_the_host_on(void **state)
{
    world *w = *state;

    dbc_script_register(w->vm, "send", refuse, NULL);

    assert_int_equal(DBC_EBUSY, load(w, "send()"));
    assert_string_equal("the mail server is busy", w->err.message);
}

static int look(dbc_script_args *args, void *ud)
{
    const dbc_script_table *table = dbc_script_arg_table(args, 0);

    (void)ud;
    dbc_script_return_table(args, table);
    dbc_script_return(args, dbc_value_text("end", 3));
    return DBC_OK;
}

static void gives_tables_to_the_host_and_back(void **state)
{
    world *w = *state;

    dbc_script_register(w->vm, "look", look, NULL);

    must_load(w, "local t, e = look({ a = { 1, 2 }, b = 'x' }) "
                 "assert(t.a[2] == 2 and t.b == 'x' and e == 'end')");
}

static int pragma(dbc_script_args *args, void *ud)
{
    dbc_conn *conn = dbc_script_conn(dbc_script_arg_vm(args));

    (void)ud;
    return dbc_exec(conn, SQL("PRAGMA cache_size = 100"));
}

static void runs_functions_of_the_host_without_the_guard(void **state)
{
    world *w = *state;

    dbc_script_register(w->vm, "pragma", pragma, NULL);

    must_load(w, "assert(not pcall(db.exec, db, 'PRAGMA cache_size = 7'))\n"
                 "pragma()\n"
                 "assert(not pcall(db.exec, db, 'PRAGMA cache_size = 7'))");
}

// --------------------------------------------------------------------- the
// guard

static void lets_no_statement_of_the_host_through(void **state)
{
    world *w = *state;
    static const char sql[] = "PRAGMA cache_size = 200";

    for (int i = 0; i < 3; i++) {
        dbc_stmt *stmt;
        ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, w->conn, SQL(sql)), w->conn);
        dbc_stmt_step(stmt);
        dbc_stmt_release(stmt);
    }

    must_load(w, "local ok, e = pcall(db.exec, db, 'PRAGMA cache_size = 200') "
                 "assert(not ok and e.code == 'denied')");
}

static void ends_what_a_script_leaves_open(void **state)
{
    world *w = *state;

    must_load(w, "db:exec 'CREATE TABLE t(a)'");
    assert_int_equal(DBC_ESCRIPT,
                     load(w, "tx = db:begin() tx:exec 'INSERT INTO t "
                             "VALUES (1)'"));
    assert_non_null(strstr(w->err.message, "left a transaction open"));
    assert_int_equal(DBC_ESCRIPT,
                     load(w, "db:exec 'BEGIN' db:exec 'INSERT INTO t "
                             "VALUES (1)'"));

    assert_int_equal(0, dbc_conn_depth(w->conn));
    assert_int_equal(0, count_rows(w, "t"));
    ASSERT_RC(DBC_OK, dbc_exec(w->conn, SQL("BEGIN; COMMIT")), w->conn);
}

static void keeps_the_hands_of_a_script_off_the_hosts_transaction(void **state)
{
    world *w = *state;
    dbc_txn txn;

    ASSERT_RC(DBC_OK, dbc_exec(w->conn, SQL("CREATE TABLE t(a)")), w->conn);
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT), w->conn);
    must_load(w, "for _, sql in ipairs { 'COMMIT', 'ROLLBACK', 'END', "
                 "'RELEASE dbcore_1', 'SAVEPOINT x' } do "
                 "assert(not pcall(db.exec, db, sql)) end "
                 "db:transaction(function(tx) tx:exec 'INSERT INTO t VALUES "
                 "(1)' end)");

    assert_true(dbc_txn_is_open(&txn));
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), w->conn);
    assert_int_equal(0, count_rows(w, "t"));
}

static void narrows_to_the_tables_that_are_listed(void **state)
{
    world *w = *state;
    const dbc_guard_table tables[] = {{"open", DBC_MAY_SELECT}};
    dbc_guard_rules rules = {0};

    rules.flags = DBC_GUARD_LISTED;
    rules.tables = tables;
    rules.table_count = 1;
    ASSERT_RC(DBC_OK,
              dbc_exec(w->conn, SQL("CREATE TABLE open(a); CREATE TABLE "
                                    "shut(a); CREATE VIEW v AS SELECT * FROM "
                                    "shut; INSERT INTO open VALUES (1)")),
              w->conn);
    assert_int_equal(DBC_OK, dbc_script_restrict(w->vm, &rules, &w->err));

    must_load(
        w, "assert(db:query('SELECT a FROM open'):value() == 1)\n"
           "for _, sql in ipairs { 'SELECT * FROM shut', 'SELECT * FROM v', "
           "'SELECT * FROM sqlite_master', 'SELECT (SELECT a FROM shut)', "
           "'SELECT * FROM open WHERE a IN (SELECT a FROM shut)' } do\n"
           "  local ok, e = pcall(function() return db:query(sql):all() end)\n"
           "  assert(not ok and e.code == 'denied', sql)\n"
           "end\n"
           "for _, sql in ipairs { 'INSERT INTO open VALUES (2)', "
           "'DELETE FROM open', 'UPDATE open SET a = 3', 'DROP TABLE open', "
           "'CREATE TABLE x(a)', 'CREATE INDEX i ON open(a)', "
           "'ALTER TABLE open ADD COLUMN b' } do\n"
           "  local ok, e = pcall(db.exec, db, sql)\n"
           "  assert(not ok and e.code == 'denied', sql)\n"
           "end");
}

// ---------------------------------------------------------------------- limits

static void stops_for_good(const char *text, dbc_script_limits limits,
                           const char *message)
{
    world *w = open_profile(DBC_SCRIPT_SANDBOX, &limits);
    void *state = w;

    assert_int_equal(DBC_ELIMIT, load(w, text));
    assert_non_null(strstr(w->err.message, message));
    assert_false(dbc_script_is_alive(w->vm));
    assert_int_equal(DBC_ELIMIT, load(w, "x = 1"));
    assert_non_null(strstr(w->err.message, message));
    assert_non_null(strstr(w->err.message, "open another one"));
    world_tear_down(&state);
}

static void stops_what_uses_too_much(void **state)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;

    (void)state;
    limits.instructions = 100000;
    stops_for_good("while true do pcall(error) end", limits,
                   "instruction limit exceeded");
    limits.instructions = DBC_SCRIPT_UNLIMITED;
    limits.time_ms = 50;
    stops_for_good("while true do end", limits, "time limit exceeded");
    limits.time_ms = 0;
    limits.memory = 4 << 20;
    stops_for_good("local t = {} while true do t[#t + 1] = {} end", limits,
                   "memory limit exceeded");
    limits.memory = 0;
    limits.output = 100;
    stops_for_good("while true do print 'x' end", limits,
                   "output limit exceeded");
    limits.output = 0;
    limits.pattern = 10000;
    stops_for_good("return (('a'):rep(1000)):find('.-.-.-b')", limits,
                   "pattern step limit exceeded");
}

static void refuses_what_is_too_large(void **state)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    world *w;
    void *own;

    (void)state;
    limits.rows = 10;
    limits.text_len = 1000;
    limits.statements = 2;
    limits.depth = 2;
    limits.scripts = 2;
    limits.source_len = 2000;
    own = w = open_profile(DBC_SCRIPT_SANDBOX, &limits);

    must_load(w,
              "local function fails(what, f, ...)\n"
              "  local ok, e = pcall(f, ...)\n"
              "  assert(not ok and tostring(e):find(what), tostring(e))\n"
              "end\n"
              "fails('string length', string.rep, 'x', 1001)\n"
              "local keep = { db:query 'SELECT 1', db:query 'SELECT 2' }\n"
              "fails('statement limit', db.query, db, 'SELECT 3')\n"
              "keep[1]:close()\n"
              "fails('row limit', function() return db:query([[WITH RECURSIVE "
              "n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM "
              "n]]):all() end)");
    must_load(w, "local a = db:begin() local b = a:begin() "
                 "assert(not pcall(b.begin, b)) b:commit() a:commit()");
    assert_int_equal(DBC_OK,
                     dbc_script_load(w->vm, "two", SQL("y = 1"), &w->err));
    assert_int_equal(DBC_ELIMIT,
                     dbc_script_load(w->vm, "three", SQL("z = 1"), &w->err));
    world_tear_down(&own);
}

static void stops_sql_at_the_deadline(void **state)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    world *w;
    void *own;

    (void)state;
    limits.time_ms = 50;
    own = w = open_profile(DBC_SCRIPT_SANDBOX, &limits);

    assert_int_equal(DBC_ELIMIT,
                     load(w, "db:query([[WITH RECURSIVE n(i) AS (SELECT 1 "
                             "UNION ALL SELECT i + 1 FROM n) SELECT count(*) "
                             "FROM n]]):value()"));
    ASSERT_RC(DBC_OK, dbc_exec(w->conn, SQL("SELECT 1")), w->conn);
    world_tear_down(&own);
}

static void gives_each_run_fresh_figures(void **state)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script_usage usage;
    world *w;
    void *own;

    (void)state;
    limits.instructions = 300000;
    own = w = open_profile(DBC_SCRIPT_SANDBOX, &limits);
    must_load(w, "function f() for i = 1, 50000 do end end");

    for (int i = 0; i < 20; i++)
        assert_int_equal(DBC_OK, dbc_script_call(w->vm, "f", &w->err, ""));
    dbc_script_figures(w->vm, &usage);
    assert_in_range(usage.instructions, 40000, 120000);
    assert_int_equal(21, usage.runs);
    world_tear_down(&own);
}

static void *cancel_later(void *ud)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    dbc_script_cancel(ud);
    return NULL;
}

static void is_cancelled_from_another_thread(void **state)
{
    world *w = *state;
    pthread_t thread;

    assert_int_equal(0, pthread_create(&thread, NULL, cancel_later, w->vm));
    assert_int_equal(DBC_EINTERRUPTED, load(w, "while true do end"));
    pthread_join(thread, NULL);
    assert_false(dbc_script_is_alive(w->vm));
}

// The thread sanitizer holds signals back until a thread makes a call, and
// these loops make none.
#ifndef __SANITIZE_THREAD__
static int cancel_here(dbc_script_args *args, void *ud)
{
    (void)args;
    dbc_script_cancel(ud);
    return DBC_OK;
}

static const char *const endless[] = {
    "while true do end",
    "repeat pcall(function() while true do end end) until false",
    "coroutine.wrap(function() while true do end end)()",
    "while true do coroutine.resume(coroutine.create(function() "
    "while true do end end)) end",
    "while true do xpcall(function() while true do end end, "
    "debug.traceback) end",
    "local t = {} while true do coroutine.wrap(function() "
    "for i = 1, 99 do t[i] = coroutine.yield(i) end end)() end",
};

static void is_cancelled_where_nothing_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(endless); i++) {
        dbc_script *vm;
        dbc_error err;
        pthread_t thread;

        assert_int_equal(
            DBC_OK, dbc_script_open(&vm, NULL, DBC_SCRIPT_TRUSTED, NULL, &err));
        assert_int_equal(0, pthread_create(&thread, NULL, cancel_later, vm));
        assert_int_equal(DBC_EINTERRUPTED,
                         dbc_script_load(vm, "endless", endless[i],
                                         strlen(endless[i]), &err));
        pthread_join(thread, NULL);
        assert_false(dbc_script_is_alive(vm));
        assert_int_equal(DBC_EINTERRUPTED,
                         dbc_script_load(vm, "x", SQL("x = 1"), &err));
        dbc_script_close(vm);
    }
}

// As a signal handler of the host would.
static void is_cancelled_from_its_own_thread(void **state)
{
    static const char script[] = "cancel() while true do end";
    dbc_script *vm;
    dbc_error err;

    (void)state;
    assert_int_equal(
        DBC_OK, dbc_script_open(&vm, NULL, DBC_SCRIPT_TRUSTED, NULL, &err));
    assert_int_equal(DBC_OK,
                     dbc_script_register(vm, "cancel", cancel_here, vm));
    assert_int_equal(DBC_EINTERRUPTED,
                     dbc_script_load(vm, "x", SQL(script), &err));
    dbc_script_close(vm);
}

static void *run_short(void *ud)
{
    dbc_error err;

    while (dbc_script_load(ud, "short", SQL("local x = 1"), &err) == DBC_OK)
        continue;
    return NULL;
}

// A cancel that comes between two runs, or at the end of one, finds no thread
// that is gone and no VM that is closed. Half of the threads block the signal.
static void is_cancelled_at_any_moment(void **state)
{
    sigset_t urgent, before;

    (void)state;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    for (int i = 0; i < 200; i++) {
        dbc_script *vm;
        dbc_error err;
        pthread_t thread;

        assert_int_equal(
            DBC_OK, dbc_script_open(&vm, NULL, DBC_SCRIPT_TRUSTED, NULL, &err));
        pthread_sigmask(i % 2 ? SIG_BLOCK : SIG_UNBLOCK, &urgent, &before);
        assert_int_equal(0, pthread_create(&thread, NULL, run_short, vm));
        nanosleep(&(struct timespec){0, 1000 * (i % 50)}, NULL);
        dbc_script_cancel(vm);
        pthread_join(thread, NULL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        dbc_script_close(vm);
    }
}
#endif

// --------------------------------------------------------------------
// reloading

static void keeps_the_old_script_when_the_new_one_fails(void **state)
{
    world *w = *state;
    int64_t out = 0;

    must_load(w, "function f() return 1 end");
    assert_int_equal(DBC_ESCRIPT,
                     load(w, "function f() return 2 end error 'x'"));
    assert_int_equal(DBC_OK,
                     dbc_script_call(w->vm, "f", &w->err, ">integer", &out));
    assert_int_equal(1, out);

    must_load(w, "function f() return 3 end");
    assert_int_equal(DBC_OK,
                     dbc_script_call(w->vm, "f", &w->err, ">integer", &out));
    assert_int_equal(3, out);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void loads_a_file_anew_when_it_has_changed(void **state)
{
    world *w = *state;
    char path[] = "/tmp/dbcore_script_XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    write_file(path, "#!/usr/bin/env dbscript\nfunction f() return 1 end");

    assert_int_equal(DBC_OK, dbc_script_load_file(w->vm, path, &w->err));
    assert_int_equal(DBC_OK, dbc_script_reload_file(w->vm, path, &w->err));
    write_file(path, "function f() return 12345 end");
    assert_int_equal(DBC_DONE, dbc_script_reload_file(w->vm, path, &w->err));
    unlink(path);
    assert_int_equal(DBC_EIO, dbc_script_load_file(w->vm, path, &w->err));
}

static void spoils_libraries_for_itself_only(void **state)
{
    world *w = *state;

    must_load(w, "string.format = nil table.concat = print _G.pcall = nil");
    assert_int_equal(DBC_OK,
                     dbc_script_load(w->vm, "other",
                                     SQL("assert(string.format('%d', 1) == "
                                         "'1') assert(pcall(next, {})) "
                                         "assert(dbcore.integer 'x')"),
                                     &w->err));
}

// -----------------------------------------------------------------------
// schema

static void gives_its_schema_to_the_host(void **state)
{
    world *w = *state;
    const dbc_schema *schema = NULL;
    int64_t count = -1;

    must_load(w, "local d = dbcore schema = d.schema { d.table('birds', { "
                 "d.integer 'id' :primary_key(), d.text 'name' }) } "
                 "function check() return db:from(schema.birds):count() end");
    assert_int_equal(DBC_OK,
                     dbc_script_schema(&schema, w->vm, "schema", &w->err));
    dbc_conn_adopt(w->conn, schema);

    ASSERT_RC(DBC_OK, dbc_create(w->conn, dbc_conn_schema(w->conn)), w->conn);
    assert_int_equal(0, count_rows(w, "birds"));
    assert_int_equal(
        DBC_OK, dbc_script_call(w->vm, "check", &w->err, ">integer", &count));
    assert_int_equal(0, count);
    dbc_schema_release(schema);
    assert_int_equal(DBC_ENOTFOUND,
                     dbc_script_schema(&schema, w->vm, "nothing", &w->err));
}

static void ends_with_the_connection_that_keeps_it(void **state)
{
    dbc_conn *conn;
    dbc_script *vm;
    dbc_error err;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, &err));
    assert_int_equal(
        DBC_OK, dbc_script_open(&vm, conn, DBC_SCRIPT_SANDBOX, NULL, &err));
    assert_int_equal(
        DBC_OK, dbc_script_load(vm, "x", SQL("c = db:query 'SELECT 1'"), &err));
    assert_int_equal(DBC_OK, dbc_script_keep(vm, &err));
    assert_int_equal(DBC_EINVALID, dbc_script_keep(vm, &err));

    dbc_close(conn);
}

// -------------------------------------------------------------------------
// pool

static int load_rules(void *ud, dbc_script *vm, dbc_error *err)
{
    int *loaded = ud;

    ++*loaded;
    return dbc_script_load(vm, "rules",
                           SQL("n = 0 function f() n = n + 1 "
                               "return db:query('SELECT 40'):value() + n end "
                               "function g() error 'x' end"),
                           err);
}

static int64_t call_pooled(dbc_script_pool *pool, dbc_conn *conn,
                           const char *name)
{
    dbc_script *vm;
    dbc_error err;
    int64_t out = -1;

    assert_int_equal(DBC_OK, dbc_script_pool_acquire(&vm, pool, conn, &err));
    dbc_script_call(vm, name, &err, ">integer", &out);
    dbc_script_pool_release(pool, vm);
    return out;
}

static void keeps_vms_warm_and_drops_those_that_failed(void **state)
{
    world *w = *state;
    dbc_script_pool_options options = {0};
    dbc_script_pool *pool;
    dbc_conn *other;
    int loaded = 0;

    options.profile = DBC_SCRIPT_SANDBOX;
    options.set_up = load_rules;
    options.set_up_ud = &loaded;
    assert_int_equal(DBC_OK, dbc_open(&other, ":memory:", NULL, &w->err));
    assert_int_equal(DBC_OK, dbc_script_pool_open(&pool, &options, &w->err));

    assert_int_equal(41, call_pooled(pool, w->conn, "f"));
    assert_int_equal(42, call_pooled(pool, other, "f"));
    assert_int_equal(1, loaded);
    assert_int_equal(-1, call_pooled(pool, other, "g"));
    assert_int_equal(41, call_pooled(pool, other, "f"));
    assert_int_equal(2, loaded);

    dbc_script_pool_close(pool);
    dbc_close(other);
}

// ---------------------------------------------------------------- other
// profiles

static void trusts_what_is_trusted(void **state)
{
    world *w = open_profile(DBC_SCRIPT_TRUSTED, NULL);
    void *own = w;
    int64_t out;

    (void)state;
    must_load(w, "local d = require 'dbcore' assert(d == dbcore and os.getenv) "
                 "db:exec 'PRAGMA cache_size = 100' "
                 "function f(n) return db:query('SELECT ?', n):value() end");
    assert_int_equal(DBC_OK,
                     dbc_script_call(w->vm, "f", &w->err, "integer>integer",
                                     INT64_C(42), &out));
    assert_int_equal(42, out);
    world_tear_down(&own);
}

static void is_strict_when_asked(void **state)
{
    world *w = open_profile(DBC_SCRIPT_STRICT, NULL);
    void *own = w;

    (void)state;
    ASSERT_RC(DBC_OK, dbc_exec(w->conn, SQL("CREATE TABLE t(a)")), w->conn);
    must_load(w, "assert(not load and not coroutine and not os and not "
                 "math.random) local d = dbcore "
                 "local t = d.table('t', { d.integer 'a' }) "
                 "db:insert(t):values { a = 1 }:run() "
                 "assert(db:from(t):count() == 1) "
                 "assert(not pcall(db.query, db, 'SELECT 1')) "
                 "assert(not pcall(db.exec, db, 'DROP TABLE t'))");
    world_tear_down(&own);
}

static void needs_a_driver_that_can_guard(void **state)
{
    dbc_open_options options = {0};
    dbc_script *vm;
    dbc_conn *conn;
    dbc_error err;

    (void)state;
    options.driver = dbc_driver_mock();
    assert_int_equal(DBC_OK, dbc_open(&conn, "mock", &options, &err));
    assert_int_equal(
        DBC_EUNSUPPORTED,
        dbc_script_open(&vm, conn, DBC_SCRIPT_SANDBOX, NULL, &err));
    dbc_close(conn);
}

static void refuses_limits_that_are_none(void **state)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script *vm;
    dbc_error err;

    (void)state;
    limits.rows = -2;
    assert_int_equal(
        DBC_EINVALID,
        dbc_script_open(&vm, NULL, DBC_SCRIPT_SANDBOX, &limits, &err));
    assert_non_null(strstr(err.message, "\"rows\""));
}

// ------------------------------------------------------------- memory that
// fails

static int walk_vm(void *ud, const dbc_alloc *alloc)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script *vm = NULL;
    dbc_error err;
    int64_t calls = 0, out = 0;
    int rc;

    limits.alloc = alloc;
    rc = dbc_script_open(&vm, ud, DBC_SCRIPT_SANDBOX, &limits, &err);
    if (rc < 0) return rc;
    rc = dbc_script_register_typed(vm, "add", "integer,integer>integer", add,
                                   &calls, &err);
    if (rc == DBC_OK)
        rc = dbc_script_load(vm, "walk",
                             SQL("function f(t) local s = ('x'):rep(100):gsub("
                                 "'x', { x = 'y' }) local ok = pcall(error, s) "
                                 "local c = coroutine.wrap(function(a) "
                                 "coroutine.yield(a) end) c(1) "
                                 "return add(t.a, #table.concat({ 'a', 'b' }))"
                                 " end"),
                             &err);
    if (rc == DBC_OK) {
        const dbc_script_field field = {"a", dbc_value_int(40), NULL};
        const dbc_script_table table = {&field, 1};
        rc = dbc_script_call(vm, "f", &err, "table>integer", &table, &out);
    }
    dbc_script_close(vm);
    if (rc == DBC_OK && out != 42) return DBC_EUNKNOWN;
    return rc;
}

static void closes_or_goes_on_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(walk_vm, NULL);
}

static int walk_pool(void *ud, const dbc_alloc *alloc)
{
    dbc_script_pool_options options = {0};
    dbc_script_pool *pool;
    dbc_script *vm;
    dbc_error err;
    int rc;

    (void)ud;
    options.profile = DBC_SCRIPT_STRICT;
    options.limits.alloc = alloc;
    rc = dbc_script_pool_open(&pool, &options, &err);
    if (rc < 0) return rc;
    rc = dbc_script_pool_acquire(&vm, pool, NULL, &err);
    if (rc == DBC_OK) dbc_script_pool_release(pool, vm);
    dbc_script_pool_close(pool);
    return rc;
}

static void closes_a_pool_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(walk_pool, NULL);
}

// The module takes thousands of allocations: a few in each region will do.
static void opens_the_module_or_says_that_memory_is_out(void **state)
{
    world *w = *state;
    long fail_at = 1;
    int rc;

    do {
        dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
        dbc_script *vm = NULL;
        fault memory;

        fault_init(&memory);
        fault_arm(&memory, fail_at, FAULT_FOR_EVER);
        limits.alloc = &memory.alloc;
        rc =
            dbc_script_open(&vm, w->conn, DBC_SCRIPT_SANDBOX, &limits, &w->err);
        if (rc == DBC_OK)
            rc = dbc_script_load(
                vm, "x", SQL("assert(db:query('SELECT 1'):value() == 1)"),
                &w->err);
        dbc_script_close(vm);
        assert_int_equal(0, memory.live_blocks);
        if (rc < 0) assert_int_equal(DBC_ENOMEM, rc);
        fail_at += 1 + fail_at / 20;
    } while (rc < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SANDBOXED(calls_a_function_with_what_its_signature_says),
        SANDBOXED(hands_tables_over_both_ways),
        SANDBOXED(takes_nil_where_a_word_is_optional),
        SANDBOXED(writes_no_result_when_one_does_not_fit),
        SANDBOXED(refuses_a_table_that_holds_itself),
        SANDBOXED(says_where_a_signature_is_wrong),
        SANDBOXED(says_which_function_is_not_there),
        SANDBOXED(names_file_and_line_of_an_error),
        SANDBOXED(loads_no_bytecode),
        SANDBOXED(survives_errors_of_any_kind),
        SANDBOXED(calls_functions_of_the_host),
        SANDBOXED(refuses_arguments_that_do_not_fit_before_the_call),
        SANDBOXED(passes_a_failure_of_the_host_on),
        SANDBOXED(gives_tables_to_the_host_and_back),
        SANDBOXED(runs_functions_of_the_host_without_the_guard),
        SANDBOXED(lets_no_statement_of_the_host_through),
        SANDBOXED(ends_what_a_script_leaves_open),
        SANDBOXED(keeps_the_hands_of_a_script_off_the_hosts_transaction),
        SANDBOXED(narrows_to_the_tables_that_are_listed),
        cmocka_unit_test(stops_what_uses_too_much),
        cmocka_unit_test(refuses_what_is_too_large),
        cmocka_unit_test(stops_sql_at_the_deadline),
        cmocka_unit_test(gives_each_run_fresh_figures),
        SANDBOXED(is_cancelled_from_another_thread),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test(is_cancelled_where_nothing_counts),
        cmocka_unit_test(is_cancelled_from_its_own_thread),
        cmocka_unit_test(is_cancelled_at_any_moment),
#endif
        SANDBOXED(keeps_the_old_script_when_the_new_one_fails),
        SANDBOXED(loads_a_file_anew_when_it_has_changed),
        SANDBOXED(spoils_libraries_for_itself_only),
        SANDBOXED(gives_its_schema_to_the_host),
        cmocka_unit_test(ends_with_the_connection_that_keeps_it),
        SANDBOXED(keeps_vms_warm_and_drops_those_that_failed),
        cmocka_unit_test(trusts_what_is_trusted),
        cmocka_unit_test(is_strict_when_asked),
        cmocka_unit_test(needs_a_driver_that_can_guard),
        cmocka_unit_test(refuses_limits_that_are_none),
        cmocka_unit_test(closes_or_goes_on_when_memory_is_out),
        cmocka_unit_test(closes_a_pool_when_memory_is_out),
        SANDBOXED(opens_the_module_or_says_that_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
