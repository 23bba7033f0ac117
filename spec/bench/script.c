// What a script VM costs beside bare Lua: opening and closing, a call from C
// and back, a loop. Give a task and how often; instructions are counted from
// outside, as the difference of two counts, because time tells little on a
// machine that does other things:
//
//   valgrind --tool=callgrind script open 1000
//
// Tasks: state, open, strict; pcall, trusted, call; bare-loop, trusted-loop,
// loop.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_script.h"

static const char code[] = "function f(x) return x end "
                           "function loop() local s = 0 for i = 1, 10000 do "
                           "s = s + i end return s end";

static void die(const char *message)
{
    fprintf(stderr, "script: %s\n", message);
    exit(EXIT_FAILURE);
}

static lua_State *open_bare(void)
{
    lua_State *L = luaL_newstate();

    if (!L) die("out of memory");
    luaL_openlibs(L);
    return L;
}

static dbc_script *open_vm(dbc_script_profile profile)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script *vm;
    dbc_error err;

    if (dbc_script_open(&vm, NULL, profile, &limits, &err) < 0)
        die(err.message);
    return vm;
}

static void run_bare(const char *function, long count)
{
    lua_State *L = open_bare();

    if (luaL_dostring(L, code) != LUA_OK) die("the script is wrong");
    while (count-- > 0) {
        lua_getglobal(L, function);
        lua_pushinteger(L, 1);
        if (lua_pcall(L, 1, 1, 0) != LUA_OK) die("the call failed");
        lua_pop(L, 1);
    }
    lua_close(L);
}

static void run_vm(dbc_script_profile profile, const char *function, long count)
{
    dbc_script *vm = open_vm(profile);
    dbc_error err;
    int64_t out;

    if (dbc_script_load(vm, "bench", code, sizeof code - 1, &err) < 0)
        die(err.message);
    while (count-- > 0)
        if (dbc_script_call(vm, function, &err, "integer>integer", INT64_C(1),
                            &out) < 0)
            die(err.message);
    dbc_script_close(vm);
}

static void open_many(int is_bare, dbc_script_profile profile, long count)
{
    while (count-- > 0) {
        if (is_bare)
            lua_close(open_bare());
        else
            dbc_script_close(open_vm(profile));
    }
}

int main(int argc, char **argv)
{
    const char *task = argc > 2 ? argv[1] : "";
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

    if (strcmp(task, "state") == 0)
        open_many(1, DBC_SCRIPT_TRUSTED, count);
    else if (strcmp(task, "open") == 0)
        open_many(0, DBC_SCRIPT_STANDARD, count);
    else if (strcmp(task, "strict") == 0)
        open_many(0, DBC_SCRIPT_STRICT, count);
    else if (strcmp(task, "pcall") == 0)
        run_bare("f", count);
    else if (strcmp(task, "trusted") == 0)
        run_vm(DBC_SCRIPT_TRUSTED, "f", count);
    else if (strcmp(task, "call") == 0)
        run_vm(DBC_SCRIPT_STANDARD, "f", count);
    else if (strcmp(task, "bare-loop") == 0)
        run_bare("loop", count);
    else if (strcmp(task, "trusted-loop") == 0)
        run_vm(DBC_SCRIPT_TRUSTED, "loop", count);
    else if (strcmp(task, "loop") == 0)
        run_vm(DBC_SCRIPT_STANDARD, "loop", count);
    else
        die("usage: script state|open|strict|pcall|trusted|call|bare-loop|"
            "trusted-loop|loop COUNT");
    return 0;
}
