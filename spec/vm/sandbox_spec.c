// Every hostile script of spec/sandbox, one after the other in this process:
// each in a VM of its own, beside a database of its own. After each, a script
// that does ordinary things must find everything as it should be, and no
// memory may be left. Then pairs of them on one connection;
// DBCORE_SANDBOX_PAIRS says how many.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "dbcore_script.h"
#include "fault.h"
#include "spec.h"

enum { CASES_MAX = 400, PAIRS = 15 };

typedef struct test_case {
    const char *name, *expect, *message, *code;
    size_t len;
} test_case;

static const char *const files[] = {"reach", "cpu", "memory",
                                    "sql",   "api", "control"};

static lua_State *book; // keeps the texts
static test_case cases[CASES_MAX];
static size_t case_count;
static int escapes;
static int faults; // told so far: one does not hide the others

static const char *read_field(const char *name)
{
    const char *text;

    lua_getfield(book, -1, name);
    text = lua_tostring(book, -1);
    lua_pop(book, 1);
    return text;
}

static void read_cases(const char *file)
{
    char path[500];

    snprintf(path, sizeof path, "%s/%s.lua", DBCORE_CASES, file);
    if (luaL_dofile(book, path) != LUA_OK)
        fail_msg("%s", lua_tostring(book, -1));
    for (lua_Integer i = 1; lua_rawgeti(book, -1, i) == LUA_TTABLE; i++) {
        test_case *one = &cases[case_count++];
        assert_true(case_count < CASES_MAX);
        one->name = read_field("name");
        one->expect = read_field("expect");
        one->message = read_field("message");
        one->code = read_field("code");
        one->len = strlen(one->code);
        lua_pop(book, 1);
    }
    lua_settop(book, 1);
    lua_setglobal(book, file); // so that the texts stay
}

static int watch_output(void *ud, const char *text, size_t len)
{
    (void)ud;
    if (len >= 7 && memcmp(text, "ESCAPED", 7) == 0) escapes++;
    return 0;
}

static void complain(const test_case *one, const char *what, const char *detail)
{
    print_error("%s: %s%s\n", one->name, what, detail);
    faults++;
}

// Whether `text` holds one of the words between the bars of `wanted`.
static int holds_one(const char *text, const char *wanted)
{
    while (wanted && *wanted) {
        char word[100];
        size_t len = strcspn(wanted, "|");

        snprintf(word, sizeof word, "%.*s", (int)len, wanted);
        if (strstr(text, word)) return 1;
        wanted += len + (wanted[len] == '|');
    }
    return 0;
}

static int run(const test_case *one, dbc_conn *conn, const dbc_alloc *alloc,
               dbc_error *err)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script *vm;
    int rc;

    limits.memory = 32 << 20;
    limits.time_ms = 1000;
    limits.instructions = 3000000;
    limits.pattern = 1000000;
    limits.rows = 50000;
    limits.alloc = alloc;
    rc = dbc_script_open(&vm, conn, DBC_SCRIPT_SANDBOX, &limits, err);
    assert_int_equal(DBC_OK, rc);
    dbc_script_on_print(vm, watch_output, NULL);
    rc = dbc_script_load(vm, "case", one->code, one->len, err);
    dbc_script_close(vm);
    return rc;
}

// What is left over, besides what the script was asked to leave.
static void check_conn(const test_case *one, dbc_conn *conn)
{
    static const char sql[] = "SELECT count(*) FROM sqlite_master WHERE name "
                              "IN ('half', 'left_open', 'escaped')";
    dbc_stmt *stmt;

    if (dbc_conn_depth(conn) != 0) complain(one, "a transaction is open", "");
    ASSERT_RC(DBC_OK, dbc_exec(conn, SQL("BEGIN IMMEDIATE; ROLLBACK")), conn);
    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, conn, SQL(sql)), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    if (dbc_stmt_int(stmt, 0) != 0) complain(one, "half is kept", "");
    dbc_stmt_release(stmt);
}

static void judge(const test_case *one, int rc, const dbc_error *err)
{
    int is_limited = strcmp(one->expect, "limited") == 0;

    if (escapes > 0) complain(one, "escaped", "");
    if (strcmp(one->expect, "ok") == 0 && rc < 0)
        complain(one, "failed: ", err->message);
    if (is_limited && rc >= 0) complain(one, "was not limited", "");
    if (is_limited && rc < 0 && !holds_one(err->message, one->message))
        complain(one, "says ", err->message);
    escapes = 0;
}

static void contains_every_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < case_count; i++) {
        dbc_error err = DBC_ERROR_INIT;
        dbc_conn *conn;
        fault memory;
        int rc;

        fault_init(&memory);
        assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, &err));
        rc = run(&cases[i], conn, &memory.alloc, &err);
        judge(&cases[i], rc, &err);
        check_conn(&cases[i], conn);
        dbc_close(conn);
        if (memory.live_blocks != 0) complain(&cases[i], "memory is left", "");
    }
    assert_int_equal(0, faults);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

// One after the other on the same connection: the first must not spoil it.
static void leaves_nothing_to_the_next_script(void **state)
{
    static const test_case probe = {
        "probe", "ok", NULL,
        "assert(not db:in_transaction()) "
        "assert(db:query('SELECT 40 + 2'):value() == 42) "
        "assert(string.format('%d', 7) == '7' and ('x'):rep(3) == 'xxx') "
        "db:exec 'CREATE TABLE IF NOT EXISTS probe(a)' "
        "db:transaction(function(tx) tx:exec 'INSERT INTO probe VALUES (1)' "
        "end) "
        "for name in pairs(_G) do assert(#name < 20) end",
        0};
    const char *wanted = getenv("DBCORE_SANDBOX_PAIRS");
    long pairs = wanted ? strtol(wanted, NULL, 10) : PAIRS;
    test_case last = probe;
    uint32_t seed = 7;

    (void)state;
    last.len = strlen(last.code);
    for (long i = 0; i < pairs; i++) {
        const test_case *first = &cases[next_random(&seed) % case_count];
        const test_case *second = &cases[next_random(&seed) % case_count];
        dbc_error err = DBC_ERROR_INIT;
        dbc_conn *conn;
        fault memory;

        fault_init(&memory);
        assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, &err));
        run(first, conn, &memory.alloc, &err);
        check_conn(first, conn);
        run(second, conn, &memory.alloc, &err);
        check_conn(second, conn);
        if (run(&last, conn, &memory.alloc, &err) < 0)
            fail_msg("behind \"%s\" and \"%s\": %s", first->name, second->name,
                     err.message);
        dbc_close(conn);
        assert_int_equal(0, memory.live_blocks);
        assert_int_equal(0, escapes);
    }
}

static int open_book(void **state)
{
    (void)state;
    book = luaL_newstate();
    if (!book) return -1;
    luaL_openlibs(book);
    for (size_t i = 0; i < COUNT(files); i++)
        read_cases(files[i]);
    return 0;
}

static int close_book(void **state)
{
    (void)state;
    lua_close(book);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contains_every_script),
        cmocka_unit_test(leaves_nothing_to_the_next_script),
    };

    return cmocka_run_group_tests(tests, open_book, close_book);
}
