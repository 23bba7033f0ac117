// Every hostile script of spec/sandbox, one after the other in this process:
// each in a VM of its own, beside a database of its own. After each, a script
// that does ordinary things must find everything as it should be, and no
// memory may be left. Then pairs of them on one connection;
// DBCORE_SANDBOX_PAIRS says how many.
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault.h"
#include "hostile.h"
#include "spec.h"

enum { CASES_MAX = 400, PAIRS = 15 };

static const char *const files[] = {"reach", "cpu", "memory",  "siege",
                                    "sql",   "api", "control", "policy"};

static lua_State *book; // keeps the texts
static hostile cases[CASES_MAX];
static size_t case_count;

static void read_cases(const char *file)
{
    char path[500];

    snprintf(path, sizeof path, "%s/%s.lua", DBCORE_CASES, file);
    if (luaL_dofile(book, path) != LUA_OK)
        fail_msg("%s", lua_tostring(book, -1));
    for (lua_Integer i = 1; lua_rawgeti(book, -1, i) == LUA_TTABLE; i++) {
        assert_true(case_count < CASES_MAX);
        cases[case_count++] = hostile_read(book);
        lua_pop(book, 1);
    }
    lua_settop(book, 1);
    lua_setglobal(book, file); // so that the texts stay
}

static void contains_every_script(void **state)
{
    int failed = 0;
    (void)state;

    for (size_t i = 0; i < case_count; i++) {
        const char *wrong = hostile_contain(&cases[i]);
        if (wrong) print_error("%s %s\n", cases[i].name, wrong);
        failed += wrong != NULL;
    }
    assert_int_equal(0, failed);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

// One after the other on the same connection: the first must not spoil it.
static void leaves_nothing_to_the_next_script(void **state)
{
    static const hostile probe = {
        "probe", "ok", NULL,
        "assert(not db:in_transaction()) "
        "assert(db:query('SELECT 40 + 2'):value() == 42) "
        "assert(string.format('%d', 7) == '7' and ('x'):rep(3) == 'xxx') "
        "db:exec 'CREATE TABLE IF NOT EXISTS probe(a)' "
        "db:transaction(function(tx) tx:exec 'INSERT INTO probe VALUES (1)' "
        "end) "
        "for name in pairs(_G) do assert(#name < 20) end"};
    const char *wanted = getenv("DBCORE_SANDBOX_PAIRS");
    long pairs = wanted ? strtol(wanted, NULL, 10) : PAIRS;
    uint32_t seed = 7;
    int escapes = 0;

    (void)state;
    for (long i = 0; i < pairs; i++) {
        const hostile *first = &cases[next_random(&seed) % case_count];
        const hostile *second = &cases[next_random(&seed) % case_count];
        dbc_error err = DBC_ERROR_INIT;
        dbc_conn *conn;
        fault memory;

        fault_init(&memory);
        assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, &err));
        hostile_run(first, conn, &memory.alloc, &escapes, &err);
        assert_null(hostile_check(conn));
        hostile_run(second, conn, &memory.alloc, &escapes, &err);
        assert_null(hostile_check(conn));
        if (hostile_run(&probe, conn, &memory.alloc, &escapes, &err) < 0)
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
    book = hostile_open_book(DBCORE_CASES);
    if (!book) return -1;
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
