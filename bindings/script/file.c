// Files that are written whole. Two programs may append to one file; replacing
// goes through a new file that takes the old one's place, so a crash never
// leaves half. A private file is for its owner only; one that is saved belongs
// to a project, may be read as the umask says, and is on the disk afterwards.
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRIVATE = 0600, SHARED = 0666 };

// Returns 0, or -1 with errno set. What is shared is also brought to the disk.
static int write_file(const char *path, int flags, mode_t mode,
                      const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode);
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
    if (mode == SHARED && !reason && fsync(fd) != 0) reason = errno;
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
    int rc = write_file(path, flags, PRIVATE, text, len);

    if (rc == 0 || errno != ENOENT) return rc;
    make_folders(L, path);
    return write_file(path, flags, PRIVATE, text, len);
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

// Puts the finished file `fresh` in the place of `path`.
static int take_place(const char *fresh, const char *path, int rc)
{
    if (rc == 0) rc = rename(fresh, path);
    if (rc != 0) {
        int reason = errno;

        (void)unlink(fresh);
        errno = reason;
    }
    return rc;
}

static int replace(lua_State *L)
{
    size_t len;
    const char *path = luaL_checkstring(L, 1);
    const char *text = luaL_checklstring(L, 2, &len);
    const char *fresh = lua_pushfstring(L, "%s.%d", path, (int)getpid());
    int rc = write_private(L, fresh, O_TRUNC, text, len);

    return push_outcome(L, path, take_place(fresh, path, rc));
}

static int save(lua_State *L)
{
    size_t len;
    const char *path = luaL_checkstring(L, 1);
    const char *text = luaL_checklstring(L, 2, &len);
    const char *fresh = lua_pushfstring(L, "%s.%d", path, (int)getpid());
    int rc = write_file(fresh, O_TRUNC, SHARED, text, len);

    return push_outcome(L, path, take_place(fresh, path, rc));
}

static const char *kind_of(mode_t mode)
{
    if (S_ISREG(mode)) return "file";
    return S_ISDIR(mode) ? "folder" : "other";
}

static int about(lua_State *L)
{
    struct stat info;

    if (stat(luaL_checkstring(L, 1), &info) != 0) return 0;
    lua_createtable(L, 0, 7);
    lua_pushstring(L, kind_of(info.st_mode));
    lua_setfield(L, -2, "kind");
    lua_pushinteger(L, (lua_Integer)info.st_size);
    lua_setfield(L, -2, "size");
    lua_pushinteger(L, (lua_Integer)(info.st_mode & 07777));
    lua_setfield(L, -2, "mode");
    lua_pushinteger(L, (lua_Integer)info.st_ino);
    lua_setfield(L, -2, "inode");
    lua_pushinteger(L, (lua_Integer)info.st_dev);
    lua_setfield(L, -2, "device");
    lua_pushboolean(L, info.st_uid == geteuid());
    lua_setfield(L, -2, "is_mine");
    lua_pushboolean(L, access(lua_tostring(L, 1), W_OK) == 0);
    lua_setfield(L, -2, "is_writable");
    return 1;
}

int file_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"append", append},
                                         {"replace", replace},
                                         {"save", save},
                                         {"about", about},
                                         {NULL, NULL}};

    luaL_newlib(L, functions);
    return 1;
}
