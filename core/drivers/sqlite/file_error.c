// What went wrong with a file, in words: which file, which work, and what can
// be done about it. Looks at the path where SQLite only says that it could not
// be opened.
#include "file_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *dbc__sqlite_shown(const char *path)
{
    return path == NULL || path[0] == '\0' ? "(temporary)" : path;
}

void dbc__sqlite_say_readonly(dbc_error *err, const char *path, int rc)
{
    const char *text = "cannot be written: it is read-only";

    switch (rc) {
    case SQLITE_READONLY_RECOVERY:
    case SQLITE_READONLY_ROLLBACK:
        text = "must be recovered after a crash, which a read-only connection "
               "cannot do: open it once for writing";
        break;
    case SQLITE_READONLY_CANTLOCK:
    case SQLITE_READONLY_CANTINIT:
        text = "cannot be shared: its -shm file cannot be written";
        break;
    case SQLITE_READONLY_DBMOVED:
        text = "was moved or deleted while it was open: open it again";
        break;
    case SQLITE_READONLY_DIRECTORY:
        text = "cannot be written: its folder is read-only, and a journal "
               "must be made there";
        break;
    default:
        break;
    }
    dbc_error_set(err, DBC_EREADONLY, "\"%.200s\" %s", dbc__sqlite_shown(path),
                  text);
}

static const char *failed_work(int rc)
{
    switch (rc) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
        return "reading";
    case SQLITE_IOERR_WRITE:
        return "writing";
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
        return "syncing to the disk";
    case SQLITE_IOERR_TRUNCATE:
        return "truncating";
    case SQLITE_IOERR_DELETE:
    case SQLITE_IOERR_DELETE_NOENT:
        return "deleting the journal";
    case SQLITE_IOERR_LOCK:
    case SQLITE_IOERR_UNLOCK:
    case SQLITE_IOERR_RDLOCK:
    case SQLITE_IOERR_CHECKRESERVEDLOCK:
        return "locking";
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMLOCK:
    case SQLITE_IOERR_SHMMAP:
        return "sharing memory (the -shm file)";
    case SQLITE_IOERR_MMAP:
        return "mapping into memory";
    default:
        return "input or output";
    }
}

// `error_number` is the system's errno, or 0.
void dbc__sqlite_say_io(dbc_error *err, const char *path, int rc,
                        int error_number)
{
    char cause[80] = "";

    if (error_number == EDQUOT || error_number == ENOSPC) {
        dbc_error_set(err, DBC_EFULL,
                      "the disk with \"%.200s\" is full: free some space",
                      dbc__sqlite_shown(path));
        return;
    }
    if (error_number == 0 || strerror_r(error_number, cause, sizeof cause) != 0)
        cause[0] = '\0';
    dbc_error_set(err, DBC_EIO, "disk I/O error: %s failed for \"%.200s\"%s%s",
                  failed_work(rc), dbc__sqlite_shown(path),
                  cause[0] != '\0' ? ": " : "", cause);
}

void dbc__sqlite_say_corrupt(dbc_error *err, const char *path, int rc,
                             const char *message)
{
    if ((rc & 0xFF) == SQLITE_NOTADB)
        dbc_error_set(err, DBC_ECORRUPT,
                      "\"%.200s\" is not a SQLite database, or it is encrypted",
                      dbc__sqlite_shown(path));
    else
        dbc_error_set(err, DBC_ECORRUPT,
                      "\"%.200s\" is damaged (%.150s): check it with PRAGMA "
                      "integrity_check, restore it from a backup",
                      dbc__sqlite_shown(path), message);
}

// Why the folder of `path` does not do, or NULL when it does.
static const char *folder_trouble(const char *path)
{
    char folder[4096];
    struct stat info;
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);

    if (slash == NULL || len >= sizeof folder) return NULL;
    if (slash == path) len = 1;
    memcpy(folder, path, len);
    folder[len] = '\0';
    if (stat(folder, &info) != 0)
        return errno == EACCES ? "permission to its folder is denied"
                               : "its folder does not exist: make it first";
    return S_ISDIR(info.st_mode) ? NULL : "what should be its folder is a file";
}

int dbc__sqlite_cannot_open(dbc_error *err, const char *path, unsigned flags,
                            int rc)
{
    struct stat info;
    int known = stat(path, &info) == 0;
    int why = errno;
    const char *text = "permission is denied";
    const char *folder = folder_trouble(path);
    int wanted = (flags & DBC_OPEN_READONLY) != 0 ? R_OK : R_OK | W_OK;

    if (known && S_ISDIR(info.st_mode))
        text = "it is a directory";
    else if (known && !S_ISREG(info.st_mode))
        text = "it is no regular file";
    else if (!known && why == ENAMETOOLONG)
        text = "its name is too long";
    else if (folder != NULL)
        text = folder;
    else if (!known && (flags & (DBC_OPEN_READONLY | DBC_OPEN_EXISTING)) != 0)
        text = "it does not exist";
    else if (!known)
        text = "its folder cannot be written";
    else if (access(path, wanted) == 0)
        text = "the system refuses it, although its rights allow it: too many "
               "files are open, perhaps";
    else if (rc != SQLITE_CANTOPEN)
        text = "it, its journal or its folder cannot be opened for writing";
    dbc_error_set(err, DBC_ECANTOPEN, "cannot open \"%.200s\": %s",
                  dbc__sqlite_shown(path), text);
    err->native = rc;
    return err->code;
}
