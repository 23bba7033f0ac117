// A hostile script for every function that a script can reach: each in a VM of
// its own. What is reachable is walked, below the locks that hold scripts off,
// and is wanted in the list: a function that is added without one fails here.
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "hostile.h"
#include "spec.h"
#include "vm.h"

static lua_State *book; // the list, and what was found
static dbc_conn *conn;
static dbc_script *vm;
static int missing;

// Objects of each kind, for their methods.
static const char samples[] =
    "local d = dbcore\n"
    "local t = d.table('t', { d.integer 'id' :primary_key() })\n"
    "db:create(d.schema { t })\n"
    "local q = db:from(t)\n"
    "local repository = d.repository(t, {})\n"
    "SAMPLES = { { 'handle', db }, { 'query', q }, { 'expr', t.id },\n"
    "  { 'cursor', db:query 'SELECT 1' }, { 'prepared', q:prepare() },\n"
    "  { 'cte', db:with('n', q) }, { 'descriptor', t },\n"
    "  { 'schema', d.schema { t } }, { 'null', d.null },\n"
    "  { 'policy', d.policy(t, { all = true }) },\n"
    "  { 'repository', repository }, { 'repo', repository(db) },\n"
    "  { 'restricted', db:as {} }, { 'column', d.text 'x' },\n"
    "  { 'index', d.index 'i' }, { 'foreign_key', d.foreign_key 'x' },\n"
    "  { 'rule', d.rule('r', function() end) },\n"
    "  { 'relation', d.many 't' } }\n";

static int set_up(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    missing = 0;
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, &err));
    assert_int_equal(
        DBC_OK, dbc_script_open(&vm, conn, DBC_SCRIPT_STANDARD, NULL, &err));
    if (dbc_script_load(vm, "samples", SQL(samples), &err) < 0)
        fail_msg("%s", err.message);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dbc_script_close(vm);
    dbc_close(conn);
    return 0;
}

static void want(const char *name)
{
    lua_getglobal(book, "listed");
    if (lua_getfield(book, -1, name) == LUA_TNIL) {
        print_error("there is no hostile script for %s\n", name);
        missing++;
    }
    lua_settop(book, 0);
}

// Whether the value at `at` was met before; `seen` is at 1.
static int is_known(lua_State *L, int at)
{
    int known;

    at = lua_absindex(L, at);
    lua_pushvalue(L, at);
    known = lua_rawget(L, 1) != LUA_TNIL;
    lua_pop(L, 1);
    lua_pushvalue(L, at);
    lua_pushboolean(L, 1);
    lua_rawset(L, 1);
    return known;
}

static void meet(lua_State *L, const char *format, const char *owner)
{
    char name[200];

    if (!lua_isfunction(L, -1) || is_known(L, -1)) return;
    snprintf(name, sizeof name, format, owner, lua_tostring(L, -2));
    want(name);
}

// Functions of the table at `at`, and of those inside it. The names of the
// host's samples are no part of it.
static void walk_table(lua_State *L, int at, const char *path, int depth)
{
    char inner[200];

    luaL_checkstack(L, 10, NULL);
    for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1)) {
        const char *key =
            lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (strcmp(key, "SAMPLES") == 0 || strcmp(key, "_G") == 0) continue;
        meet(L, *path ? "%s.%s" : "%s%s", path);
        if (!lua_istable(L, -1) || depth == 0 || is_known(L, -1)) continue;
        snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
        walk_table(L, lua_gettop(L), inner, depth - 1);
    }
}

// What the metatable of the object on the top has, which is locked for scripts.
static void walk_object(lua_State *L, const char *kind)
{
    int top = lua_gettop(L);

    if (!lua_getmetatable(L, -1)) return;
    for (lua_pushnil(L); lua_next(L, top + 1); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) meet(L, "%s<%s>", kind);
    lua_getfield(L, top + 1, "__index");
    if (lua_istable(L, -1)) {
        for (lua_pushnil(L); lua_next(L, top + 2); lua_pop(L, 1))
            if (lua_type(L, -2) == LUA_TSTRING) meet(L, "%s:%s", kind);
        if (lua_getmetatable(L, -1)) {
            lua_pushliteral(L, "__index");
            lua_rawget(L, -2);
            lua_pushliteral(L, "__index");
            lua_insert(L, -2);
            meet(L, "%s<%s>", kind);
        }
    }
    lua_settop(L, top);
}

static int walk(lua_State *L)
{
    lua_settop(L, 0);
    lua_newtable(L);
    vm_get(L, VM_SLOT_NEWEST);
    lua_getfield(L, 2, "SAMPLES");
    for (lua_Integer i = 1; lua_rawgeti(L, 3, i) == LUA_TTABLE; i++) {
        lua_rawgeti(L, 4, 1);
        lua_rawgeti(L, 4, 2);
        walk_object(L, lua_tostring(L, 5));
        lua_settop(L, 3);
    }
    walk_table(L, 2, "", 2);
    lua_getfield(L, 2, "dbcore");
    walk_object(L, "face");
    return 0;
}

static void has_a_script_for_every_function(void **state)
{
    (void)state;
    lua_pushcfunction(vm->L, walk);
    if (lua_pcall(vm->L, 0, 0, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(vm->L, -1));

    assert_int_equal(0, missing);
}

// Methods of classes in Lua stand behind functions that look them up; their
// definitions for editors are complete, which another spec sees to.
static void has_a_script_for_every_method_in_lua(void **state)
{
    static const char finder[] =
        "local kinds = { Column = 'column', Index = 'index', Rule = 'rule',\n"
        "  ForeignKey = 'foreign_key', Relation = 'relation', Repo = 'repo',\n"
        "  Tx = 'txn' }\n"
        "local found = {}\n"
        "for path in io.popen('ls \"' .. META .. '\"/*.lua'):lines() do\n"
        "  for line in io.lines(path) do\n"
        "    local class, name = line:match '^function (%a+):([%w_]+)'\n"
        "    if kinds[class] then\n"
        "      found[#found + 1] = kinds[class] .. ':' .. name\n"
        "    end\n"
        "  end\n"
        "end\n"
        "assert(#found > 50)\n"
        "FOUND = found\n";
    (void)state;

    if (luaL_dostring(book, finder) != LUA_OK)
        fail_msg("%s", lua_tostring(book, -1));
    for (lua_Integer i = 1;; i++) {
        char name[100];
        lua_getglobal(book, "FOUND");
        if (lua_rawgeti(book, -1, i) != LUA_TSTRING) break;
        snprintf(name, sizeof name, "%s", lua_tostring(book, -1));
        want(name);
    }
    lua_settop(book, 0);

    assert_int_equal(0, missing);
}

// ---------------------------------------------------------------- running them

static void contains_each_of_them(void **state)
{
    int failed = 0;
    (void)state;

    lua_getglobal(book, "list");
    for (lua_Integer i = 1; lua_rawgeti(book, 1, i) == LUA_TTABLE; i++) {
        hostile one = hostile_read(book);
        const char *wrong = hostile_contain(&one);
        if (wrong) print_error("%s %s\n", one.name, wrong);
        failed += wrong != NULL;
        lua_settop(book, 1);
    }
    lua_settop(book, 0);

    assert_int_equal(0, failed);
}

static int open_book(void **state)
{
    static const char index[] =
        "list = dofile(CASES .. '/functions.lua')\n"
        "listed = {}\n"
        "for _, case in ipairs(list) do listed[case.name] = true end\n";
    (void)state;

    book = hostile_open_book(DBCORE_CASES);
    if (!book) return -1;
    lua_pushliteral(book, DBCORE_CASES "/../../lua/meta/dbcore");
    lua_setglobal(book, "META");
    if (luaL_dostring(book, index) == LUA_OK) return 0;
    print_error("%s\n", lua_tostring(book, -1));
    return -1;
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
        cmocka_unit_test_setup_teardown(has_a_script_for_every_function, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(has_a_script_for_every_method_in_lua,
                                        set_up, tear_down),
        cmocka_unit_test(contains_each_of_them),
    };

    return cmocka_run_group_tests(tests, open_book, close_book);
}
