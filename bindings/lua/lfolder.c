// Listing a folder, making one, and writing a file so that it is either the
// old one or the whole new one.
#include "lfolder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lerror.h"

// Raises what the system says about a path.
static int fail_system(lua_State *L, const char *what, const char *path)
{
    int why = errno;
    char cause[80] = "";
    int code = why == ENOSPC || why == EDQUOT                  ? DBC_EFULL
               : why == EACCES || why == EPERM || why == EROFS ? DBC_EREADONLY
               : why == ENOENT || why == ENOTDIR               ? DBC_ECANTOPEN
                                                               : DBC_EIO;

    if (strerror_r(why, cause, sizeof cause) != 0) cause[0] = '\0';
    return lerror_fail(L, code, "%s \"%.200s\" failed: %s", what, path, cause);
}

static const char *check_path(lua_State *L, int index)
{
    size_t len;
    const char *path = luaL_checklstring(L, index, &len);

    if (len == 0 || strlen(path) != len)
        lerror_fail(L, DBC_EINVALID,
                    "a path is text without NUL, got \"%.40s\"", path);
    return path;
}

// ------------------------------------------------------------------- folders

typedef struct listing {
    DIR *folder;
    int failed;
} listing;

// …: pushes the names in the folder
static int push_names(lua_State *L, void *ud)
{
    listing *at = ud;
    lua_Integer n = 0;

    lua_newtable(L);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(at->folder);
        if (!entry) break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        lua_pushstring(L, entry->d_name);
        lua_rawseti(L, -2, ++n);
    }
    at->failed = errno;
    return 1;
}

// path → the names in it, in no order; nil when there is no such folder
static int list_folder(lua_State *L)
{
    const char *path = check_path(L, 1);
    listing at = {NULL, 0};
    lprotect protected = {push_names, &at};
    int failed;

    luaL_checkstack(L, 5, NULL);
    at.folder = opendir(path);
    if (!at.folder) {
        if (errno != ENOENT) return fail_system(L, "reading the folder", path);
        lua_pushnil(L);
        return 1;
    }
    lprotect_begin(L, &protected);
    failed = lprotect_end(L, 0, 1) != LUA_OK;
    closedir(at.folder);
    if (failed) return lua_error(L);
    errno = at.failed;
    return at.failed ? fail_system(L, "reading the folder", path) : 1;
}

// path: makes the folder and those it is in
static int make_folder(lua_State *L)
{
    const char *path = check_path(L, 1);
    char *part = lua_newuserdatauv(L, strlen(path) + 1, 0);

    memcpy(part, path, strlen(path) + 1);
    for (char *at = part + 1; *at; at++) {
        if (*at != '/') continue;
        *at = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail_system(L, "making the folder", part);
        *at = '/';
    }
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
        return fail_system(L, "making the folder", part);
    return 0;
}

// --------------------------------------------------------------------- files

static int write_all(int file, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(file, bytes, len);

        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return -1;
        bytes += done;
        len -= (size_t)done;
    }
    return fsync(file);
}

// What was renamed is on the disk when the folder is.
static int sync_folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    int folder, rc;

    if (slash == path)
        slash[1] = '\0';
    else if (slash)
        *slash = '\0';
    folder = open(slash ? path : ".", O_RDONLY);
    if (folder < 0) return -1;
    rc = fsync(folder);
    close(folder);
    // Some file systems cannot sync a folder, and need not.
    return rc != 0 && errno != EINVAL ? -1 : 0;
}

// path bytes: the file is the old one or the whole new one, at any moment
static int write_file(lua_State *L)
{
    const char *path = check_path(L, 1);
    size_t len, room = strlen(path) + 16;
    const char *bytes = luaL_checklstring(L, 2, &len);
    char *work = lua_newuserdatauv(L, room, 0);
    int file, rc;

    snprintf(work, room, "%s.XXXXXX", path);
    file = mkstemp(work);
    if (file < 0) return fail_system(L, "writing the file", path);
    rc = fchmod(file, 0644);
    if (rc == 0) rc = write_all(file, bytes, len);
    if (close(file) != 0) rc = -1;
    if (rc == 0) rc = rename(work, path);
    if (rc != 0) {
        int why = errno;
        unlink(work);
        errno = why;
        return fail_system(L, "writing the file", path);
    }
    memcpy(work, path, strlen(path) + 1);
    if (sync_folder_of(work) != 0)
        return fail_system(L, "writing the file", path);
    return 0;
}

// path → whether there is something, its size in bytes and its kind
static int stat_file(lua_State *L)
{
    const char *path = check_path(L, 1);
    struct stat info;

    if (stat(path, &info) != 0) return 0;
    lua_pushinteger(L, (lua_Integer)info.st_size);
    lua_pushstring(L, S_ISDIR(info.st_mode) ? "folder" : "file");
    return 2;
}

void lfolder_open(lua_State *L, int core, int module)
{
    static const luaL_Reg functions[] = {{"list_folder", list_folder},
                                         {"make_folder", make_folder},
                                         {"write_file", write_file},
                                         {"stat_file", stat_file},
                                         {NULL, NULL}};

    lbox_register_in(L, core, module, functions);
}
