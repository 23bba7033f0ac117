// Private files. Two programs may append to one file; replacing goes through
// a new file that takes the old one's place, so a crash never leaves half.
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Returns 0, or -1 with errno set.
static int write_file(const char *path, int flags, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    int reason = 0;

    if (fd < 0) return -1;
    while (len > 0 && !reason) {
        ssize_t written = write(fd, text, len);

        if (written >= 0) {
            text += written;
            len -= (size_t)written;
        } else if (errno != EINTR) {
            reason = errno;
        }
    }
    if (close(fd) != 0 && !reason) reason = errno;
    errno = reason;
    return reason ? -1 : 0;
}

// Makes the folders above the file at `path`. One that cannot be made shows
// when the file is opened.
static void make_folders(lua_State *L, const char *path)
{
    const char *slash = strchr(path + (*path == '/'), '/');

    for (; slash; slash = strchr(slash + 1, '/')) {
        lua_pushlstring(L, path, (size_t)(slash - path));
        (void)mkdir(lua_tostring(L, -1), 0700);
        lua_pop(L, 1);
    }
}

// Like write_file(), but missing folders are made.
static int write_private(lua_State *L, const char *path, int flags,
                         const char *text, size_t len)
{
    int rc = write_file(path, flags, text, len);

    if (rc == 0 || errno != ENOENT) return rc;
    make_folders(L, path);
    return write_file(path, flags, text, len);
}

static int push_outcome(lua_State *L, const char *path, int rc)
{
    int reason = errno;

    if (rc == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "cannot write \"%s\": %s", path, strerror(reason));
    return 2;
}

static int append(lua_State *L)
{
    size_t len;
    const char *path = luaL_checkstring(L, 1);
    const char *text = luaL_checklstring(L, 2, &len);

    return push_outcome(L, path, write_private(L, path, O_APPEND, text, len));
}

static int replace(lua_State *L)
{
    size_t len;
    const char *path = luaL_checkstring(L, 1);
    const char *text = luaL_checklstring(L, 2, &len);
    const char *fresh = lua_pushfstring(L, "%s.%d", path, (int)getpid());
    int rc = write_private(L, fresh, O_TRUNC, text, len);

    if (rc == 0) rc = rename(fresh, path);
    if (rc != 0) {
        int reason = errno;

        (void)unlink(fresh);
        errno = reason;
    }
    return push_outcome(L, path, rc);
}

int file_module(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"append", append}, {"replace", replace}, {NULL, NULL}};

    luaL_newlib(L, functions);
    return 1;
}
