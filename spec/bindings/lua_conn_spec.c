// Connections between C and Lua: a host's connection as a handle in Lua, and
// the connection behind a handle in C.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "dbcore_lua.h"

#define SQL(text) (text), (sizeof(text) - 1)

typedef struct world {
    dbc_conn *conn;
    lua_State *L;
} world;

static int open_world(void **state)
{
    world *w = calloc(1, sizeof *w);
    dbc_error err;

    if (!w || dbc_open(&w->conn, ":memory:", NULL, &err) < 0) return -1;
    w->L = luaL_newstate();
    if (!w->L) return -1;
    luaL_openlibs(w->L);
    luaL_requiref(w->L, "dbcore.native", luaopen_dbcore_native, 0);
    lua_setglobal(w->L, "native");
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world *w = *state;

    if (w->L) lua_close(w->L);
    dbc_close(w->conn);
    free(w);
    return 0;
}

static void run(lua_State *L, const char *code)
{
    if (luaL_dostring(L, code) != LUA_OK)
        fail_msg("%s: %s", code, luaL_tolstring(L, -1, NULL));
    lua_settop(L, 0);
}

static void give_db(world *w)
{
    dbcore_lua_push(w->L, w->conn);
    lua_setglobal(w->L, "db");
}

static void test_shared(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L, "db:exec('CREATE TABLE t (x)') db:exec('INSERT INTO t "
              "VALUES (?)', 5) assert(db:query('SELECT x FROM t'):value() == "
              "5)");

    assert_int_equal(dbc_conn_changes(w->conn), 1);
}

static void test_closed_handle(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L, "db:close() assert(not db:is_open()) "
              "assert(not pcall(db.exec, db, 'SELECT 1'))");

    assert_true(dbc_conn_is_open(w->conn));
    assert_int_equal(dbc_exec(w->conn, "SELECT 1", 8), DBC_OK);
}

static void test_handle_outlives_host(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L, "cursor = db:query('SELECT 1 AS x') tx = db:begin()");
    dbc_close(w->conn);
    w->conn = NULL;

    run(w->L, "local good, err = pcall(db.exec, db, 'SELECT 1') "
              "assert(not good and err.code == 'closed') "
              "good, err = pcall(cursor) "
              "assert(not good and err.code == 'closed')");
}

static void test_found_again(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L, "tx = db:begin() done = db:begin() done:rollback()");
    lua_getglobal(w->L, "db");
    assert_ptr_equal(dbcore_lua_conn(w->L, -1), w->conn);
    lua_getglobal(w->L, "tx");
    assert_ptr_equal(dbcore_lua_conn(w->L, -1), w->conn);
    lua_getglobal(w->L, "done");
    assert_null(dbcore_lua_conn(w->L, -1));
    lua_pushinteger(w->L, 5);
    assert_null(dbcore_lua_conn(w->L, -1));
    assert_null(dbcore_lua_conn(w->L, 40));
}

static void test_policy(void **state)
{
    world *w = *state;
    dbc_stmt *stmt;

    give_db(w);
    run(w->L, "package.path = '" DBCORE_LUA_DIR "/?.lua;" DBCORE_LUA_DIR
              "/?/init.lua' local d = require 'dbcore' "
              "local t = d.table('t', { d.integer 'x' }) "
              "d.policy(t, { all = function(ctx) return t.x:eq(ctx.x) end }) "
              "db:exec('CREATE TABLE t (x)') "
              "mine = db:as { x = 1 } tx = mine:begin() tx:rollback()");
    lua_getglobal(w->L, "mine");
    assert_null(dbcore_lua_conn(w->L, -1));
    dbc_conn_restrict(w->conn, dbcore_lua_policy(w->L, -1));
    lua_getglobal(w->L, "tx");
    assert_ptr_equal(dbcore_lua_policy(w->L, -1), dbc_conn_policy(w->conn));
    lua_getglobal(w->L, "db");
    assert_null(dbcore_lua_policy(w->L, -1));
    lua_settop(w->L, 0);
    run(w->L, "mine, tx, db = nil collectgarbage()");

    // The policy is the host's now.
    assert_int_equal(dbc_stmt_acquire(&stmt, w->conn, "SELECT 1", 8),
                     DBC_EDENIED);
    dbc_conn_restrict(w->conn, NULL);
}

static int push_conn(lua_State *L)
{
    dbcore_lua_push(L, lua_touserdata(L, 1));
    return 1;
}

// The thread that used the connection last is garbage when the host calls.
static void test_callback_behind_a_coroutine(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L, "db:create_function('f', function() return 5 end)\n"
              "for i = 1, 20 do coroutine.wrap(function()\n"
              "  db:query('SELECT f()'):all() end)() end\n"
              "for i = 1, 3 do collectgarbage() end");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("SELECT f()")));
        run(w->L, "collectgarbage()");
    }
}

// Or it waits, and goes on afterwards; or an error ended it.
static void test_callback_beside_a_coroutine(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L, "db:create_function('f', function() return 5 end)\n"
              "waiting = coroutine.wrap(function(a)\n"
              "  local kept = { db:query('SELECT f()'):value(), a }\n"
              "  local b = coroutine.yield(kept[1])\n"
              "  return kept[1] + kept[2] + b end)\n"
              "assert(waiting(1) == 5)");
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("SELECT f()")));
    run(w->L, "assert(waiting(10) == 16)\n"
              "dead = coroutine.create(function()\n"
              "  db:query('SELECT f()'):all() error 'x' end)\n"
              "assert(not coroutine.resume(dead))");
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("SELECT f()")));
    run(w->L, "assert(db:query('SELECT f()'):value() == 5)");
}

// What Lua put on the host's connection ends with it.
static void test_callbacks_end_with_the_state(void **state)
{
    world *w = *state;

    give_db(w);
    run(w->L,
        "db:create_function('f', function() return 5 end)\n"
        "db:create_function('g', function(a) return a end, { args = 1 })\n"
        "db:create_aggregate('h', { step = function() return 1 end })\n"
        "db:create_collation('c', function(a, b) return 0 end)\n"
        "db:on_query(function() end) db:on_update(function() end)\n"
        "db:on_commit(function() end) db:on_rollback(function() end)");
    lua_close(w->L);
    w->L = NULL;

    assert_int_equal(
        DBC_OK,
        dbc_exec(w->conn, SQL("CREATE TABLE t (a); BEGIN; INSERT INTO "
                              "t VALUES (1); COMMIT; BEGIN; ROLLBACK")));
    assert_int_equal(DBC_ESCHEMA, dbc_exec(w->conn, SQL("SELECT f()")));
    assert_int_equal(DBC_ESCHEMA, dbc_exec(w->conn, SQL("SELECT g(1)")));
    assert_int_equal(DBC_ESCHEMA, dbc_exec(w->conn, SQL("SELECT h(1)")));
    assert_true(dbc_exec(w->conn, SQL("SELECT 'a' = 'b' COLLATE c")) < 0);
}

static void test_without_module(void **state)
{
    world *w = *state;
    lua_State *L = luaL_newstate();

    assert_non_null(L);
    lua_pushcfunction(L, push_conn);
    lua_pushlightuserdata(L, w->conn);
    assert_int_equal(lua_pcall(L, 1, 1, 0), LUA_ERRRUN);
    lua_close(L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a handle for the host's connection works on it", test_shared,
         open_world, close_world, NULL},
        {"closing that handle leaves the connection open", test_closed_handle,
         open_world, close_world, NULL},
        {"a handle may outlive the host's use of the connection",
         test_handle_outlives_host, open_world, close_world, NULL},
        {"the connection behind a handle is found", test_found_again,
         open_world, close_world, NULL},
        {"a policy made in Lua holds for the host", test_policy, open_world,
         close_world, NULL},
        {"a host calls back behind a coroutine that is gone",
         test_callback_behind_a_coroutine, open_world, close_world, NULL},
        {"a host calls back beside a coroutine that waits",
         test_callback_beside_a_coroutine, open_world, close_world, NULL},
        {"what Lua hosted ends with its state",
         test_callbacks_end_with_the_state, open_world, close_world, NULL},
        {"a state without the module gets an error", test_without_module,
         open_world, close_world, NULL},
    };

    return cmocka_run_group_tests_name("connections between C and Lua", tests,
                                       NULL, NULL);
}
