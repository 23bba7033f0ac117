// Folders: what is in one, and making one.
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEARCH_NAME "dbscript.search"

// Keeps the folder open while names are pushed, which may raise.
typedef struct search {
    DIR *dir;
} search;

static int end_search(lua_State *L)
{
    search *held = luaL_checkudata(L, 1, SEARCH_NAME);

    if (held->dir) closedir(held->dir);
    held->dir = NULL;
    return 0;
}

static int fail(lua_State *L, const char *verb, const char *path, int reason)
{
    lua_pushnil(L);
    lua_pushfstring(L, "cannot %s the folder \"%s\": %s", verb, path,
                    strerror(reason));
    return 2;
}

static int list(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    search *held = lua_newuserdatauv(L, sizeof *held, 0);
    const struct dirent *entry;
    lua_Integer count = 0;

    held->dir = NULL;
    luaL_setmetatable(L, SEARCH_NAME);
    lua_toclose(L, lua_gettop(L));
    held->dir = opendir(path);
    if (!held->dir) return fail(L, "read", path, errno);

    lua_newtable(L);
    for (errno = 0; (entry = readdir(held->dir)); errno = 0) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        lua_pushstring(L, entry->d_name);
        lua_rawseti(L, -2, ++count);
    }
    if (errno) return fail(L, "read", path, errno);
    return 1;
}

static int make(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct stat info;

    if (mkdir(path, 0777) != 0) {
        int reason = errno;

        if (reason != EEXIST || stat(path, &info) != 0 ||
            !S_ISDIR(info.st_mode))
            return fail(L, "make", path, reason);
    }
    lua_pushboolean(L, 1);
    return 1;
}

int folder_module(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"list", list}, {"make", make}, {NULL, NULL}};

    luaL_newmetatable(L, SEARCH_NAME);
    lua_pushcfunction(L, end_search);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, end_search);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);

    luaL_newlib(L, functions);
    return 1;
}
