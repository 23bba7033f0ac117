// The terminal and the clock, for the Lua parts of the runner.
#include "terminal.h"

#include <lauxlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int is_terminal(lua_State *L)
{
    static const char *const names[] = {"stdin", "stdout", "stderr", NULL};

    // The position in the list is the descriptor.
    lua_pushboolean(L, isatty(luaL_checkoption(L, 1, NULL, names)));
    return 1;
}

static int width(lua_State *L)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    lua_pushinteger(L, size.ws_col);
    return 1;
}

static int clock_seconds(lua_State *L)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

int terminal_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"is", is_terminal},
                                         {"width", width},
                                         {"clock", clock_seconds},
                                         {NULL, NULL}};

    luaL_newlib(L, functions);
    return 1;
}
