// Memory that runs out in Lua. Each task of lua_fault_tasks.lua is run in a
// state whose allocator fails from the n-th allocation on, for n = 1, 2, 3 …
// until the task succeeds. Whatever n was: what comes out is an error, no
// statement is lent any more, no lock and no transaction is left, the
// collector runs, and the connection works.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "dbcore_lua.h"

// ------------------------------------------------------------ the allocator

typedef enum fault_kind {
    FAULT_LASTS, // from the n-th allocation on all of them fail
    FAULT_PASSES // the n-th and the retry after Lua's collection, no more
} fault_kind;

typedef struct memory {
    int armed;
    fault_kind kind;
    long left; // allocations until the first that fails
    long failed;
    size_t live; // bytes
} memory;

static int must_fail(memory *m)
{
    if (!m->armed) return 0;
    if (--m->left >= 0) return 0;
    m->failed++;
    return m->kind == FAULT_LASTS || m->failed <= 2;
}

static void *resize(void *ud, void *block, size_t old_size, size_t new_size)
{
    memory *m = ud;
    size_t old = block ? old_size : 0;

    if (new_size == 0) {
        m->live -= old;
        free(block);
        return NULL;
    }
    // Lua relies on shrinking to work.
    if (new_size > old && must_fail(m)) return NULL;
    m->live += new_size - old;
    return realloc(block, new_size);
}

static void arm(memory *m, fault_kind kind, long n)
{
    m->kind = kind;
    m->left = n - 1;
    m->failed = 0;
    m->armed = 1;
}

// ------------------------------------------------------------------ the state

typedef struct world {
    memory memory;
    lua_State *L;
} world;

static void run(lua_State *L, int status)
{
    if (status == LUA_OK) return;
    fail_msg("%s", luaL_tolstring(L, -1, NULL));
}

static void set_path(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_pushliteral(L, DBCORE_LUA_DIR "/?.lua;" DBCORE_LUA_DIR "/?/init.lua");
    lua_setfield(L, -2, "path");
    lua_pop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_dbcore_native);
    lua_setfield(L, -2, "dbcore.native");
    lua_pop(L, 1);
}

// The table of tasks is at stack index 1.
static int open_world(void **state)
{
    world *w = calloc(1, sizeof *w);

    if (!w) return -1;
    w->L = lua_newstate(resize, &w->memory);
    if (!w->L) return -1;
    luaL_openlibs(w->L);
    set_path(w->L);
    run(w->L, luaL_dofile(w->L, DBCORE_TASKS));
    lua_settop(w->L, 1);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world *w = *state;

    lua_close(w->L);
    assert_int_equal(w->memory.live, 0);
    free(w);
    return 0;
}

// ---------------------------------------------------------------- a fault walk

// luaL_checkstack() cannot tell a stack that is full from one for which there
// is no memory.
static int is_about_memory(const char *text)
{
    return text && (strstr(text, "memory") || strstr(text, "stack overflow"));
}

// "not enough memory", or an error object that says so.
static int says_memory(lua_State *L, int index)
{
    int good;

    if (lua_type(L, index) == LUA_TSTRING)
        return is_about_memory(lua_tostring(L, index));
    if (!lua_istable(L, index)) return 0;
    lua_getfield(L, index, "message");
    good = is_about_memory(lua_tostring(L, -1));
    lua_pop(L, 1);
    return good;
}

static dbc_conn *connection(lua_State *L)
{
    dbc_conn *conn;

    lua_getfield(L, 1, "db");
    conn = dbcore_lua_conn(L, -1);
    lua_pop(L, 1);
    assert_non_null(conn);
    return conn;
}

// Before any collection: nothing is locked. After one: nothing is lent.
static void check_peace(lua_State *L, const char *name, long n)
{
    dbc_conn *conn = connection(L);
    dbc_stats stats;

    if (!lua_gc(L, LUA_GCISRUNNING))
        fail_msg("%s, fault %ld: the collector is left stopped", name, n);
    dbc_conn_stats(conn, &stats);
    if (stats.transaction_depth != 0)
        fail_msg("%s, fault %ld: a transaction is left open", name, n);
    lua_getfield(L, 1, "check");
    if (lua_pcall(L, 0, 0, 0) != LUA_OK)
        fail_msg("%s, fault %ld: %s", name, n, luaL_tolstring(L, -1, NULL));
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCCOLLECT);
    dbc_conn_stats(conn, &stats);
    if (stats.live_statements != 0)
        fail_msg("%s, fault %ld: %d statements are left", name, n,
                 stats.live_statements);
}

// Once with the fault at allocation `n`. Whether the task succeeded.
static int try_once(world *w, const char *name, fault_kind kind, long n)
{
    lua_State *L = w->L;
    int top = lua_gettop(L);
    int status;

    lua_getfield(L, 1, "tasks");
    lua_getfield(L, -1, name);
    arm(&w->memory, kind, n);
    status = lua_pcall(L, 0, 0, 0);
    w->memory.armed = 0;
    if (status != LUA_OK && !says_memory(L, -1))
        fail_msg("%s, fault %ld: %s", name, n, luaL_tolstring(L, -1, NULL));
    lua_settop(L, top);
    check_peace(L, name, n);
    return w->memory.failed == 0;
}

enum { MOST_FAULTS = 20000 };

static void walk(world *w, const char *name, fault_kind kind)
{
    long n = 1;

    // What is made once (plans, names) is made under faults, too.
    while (!try_once(w, name, kind, n))
        if (++n > MOST_FAULTS) fail_msg("%s never succeeds", name);
    assert_true(n > 1);
}

static void walk_all(world *w, fault_kind kind)
{
    lua_State *L = w->L;
    lua_Integer count;

    lua_getfield(L, 1, "names");
    count = luaL_len(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 2, i);
        walk(w, lua_tostring(L, 3), kind);
        lua_settop(L, 2);
    }
    lua_settop(L, 1);
}

static void test_lasting(void **state)
{
    walk_all(*state, FAULT_LASTS);
}

static void test_passing(void **state)
{
    walk_all(*state, FAULT_PASSES);
}

// A state that cannot even load the module is closed like any other.
static void test_loading(void **state)
{
    (void)state;
    for (long n = 1; n < MOST_FAULTS; n++) {
        memory m = {0, FAULT_LASTS, 0, 0, 0};
        lua_State *L = lua_newstate(resize, &m);
        int status;

        assert_non_null(L);
        arm(&m, FAULT_LASTS, n);
        lua_pushcfunction(L, luaopen_dbcore_native);
        status = lua_pcall(L, 0, 1, 0);
        m.armed = 0;
        lua_close(L);
        assert_int_equal(m.live, 0);
        if (status == LUA_OK) return;
    }
    fail_msg("the module never loads");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"memory that stays out leaves nothing behind", test_lasting,
         open_world, close_world, NULL},
        {"memory that comes back leaves nothing behind", test_passing,
         open_world, close_world, NULL},
        {"a module that cannot be loaded leaves nothing behind", test_loading,
         NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("the Lua binding without memory", tests,
                                       NULL, NULL);
}
