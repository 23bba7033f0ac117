// dbscript: Lua with dbcore inside, in one file. C makes the state and hands
// over to dbscript.main; what is said to a person is said in Lua.
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_lua.h"
#include "editor.h"
#include "file.h"
#include "folder.h"
#include "interrupt.h"
#include "sandbox.h"
#include "statement.h"
#include "terminal.h"
#include "vmodule.h"

// The runner's own Lua files; generated.
extern const vmodule_source vmodule_own_sources[];

static void preload_functions(lua_State *L)
{
    static const luaL_Reg modules[] = {
        {"dbcore.native", luaopen_dbcore_native},
        {"dbscript.editor", editor_module},
        {"dbscript.file", file_module},
        {"dbscript.folder", folder_module},
        {"dbscript.interrupt", interrupt_module},
        {"dbscript.statement", statement_module},
        {"dbscript.terminal", terminal_module},
        {"dbscript.untrusted", sandbox_module},
        {NULL, NULL},
    };

    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    lua_pop(L, 1);
}

static void push_arguments(lua_State *L, int argc, char **argv)
{
    lua_createtable(L, argc > 0 ? argc - 1 : 0, 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
}

// What --version says.
static void push_build(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, dbc_version());
    lua_setfield(L, -2, "dbcore");
    lua_pushliteral(L, LUA_RELEASE);
    lua_setfield(L, -2, "lua");
}

// argc argv → exit code
static int run(lua_State *L)
{
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);

    lua_gc(L, LUA_GCSTOP); // nothing of what is loaded here is garbage
    luaL_openlibs(L);
    vmodule_preload(L, vmodule_core_sources);
    vmodule_preload(L, vmodule_own_sources);
    preload_functions(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "dbscript.main");
    lua_call(L, 1, 1);
    lua_gc(L, LUA_GCRESTART);
    lua_getfield(L, -1, "run");
    push_arguments(L, argc, argv);
    push_build(L);
    lua_call(L, 2, 1);
    return 1;
}

// The message of an error as text, whatever was raised: error → text
static int describe(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    return 1;
}

// What was printed must have arrived: a full disk is a failure.
static int flush_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "dbscript: cannot write to standard output: %s\n",
            strerror(errno));
    return code == EXIT_SUCCESS ? EXIT_FAILURE : code;
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    int code = EXIT_FAILURE;

    if (!L) {
        fputs("dbscript: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    // A reader that went away ends the program, whatever the parent chose.
    signal(SIGPIPE, SIG_DFL);

    lua_pushcfunction(L, describe);
    lua_pushcfunction(L, run);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    if (lua_pcall(L, 2, 1, 1) == LUA_OK)
        code = (int)lua_tointeger(L, -1);
    else
        fprintf(stderr, "dbscript: %s\n",
                lua_isstring(L, -1) ? lua_tostring(L, -1) : "out of memory");
    lua_close(L);
    interrupt_dispose();
    return flush_output(code);
}
