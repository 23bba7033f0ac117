// Backup. The copy is made beside its target and renamed when it is whole,
// verified and on the disk, so that the target is never half written.
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"
#include "error.h"
#include "file_error.h"

// ------------------------------------------------------------------ verifying

// "file:" and the path with all but plain characters as %XX; NULL: no memory.
static char *immutable_uri(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
                                "UVWXYZ0123456789-_./";
    size_t size = 3 * strlen(path) + 32;
    char *uri = sqlite3_malloc64(size);
    size_t used;

    if (uri == NULL) return NULL;
    // An empty authority, so that a path that begins with two slashes is one.
    used = (size_t)snprintf(uri, size, "file:%s", path[0] == '/' ? "//" : "");
    for (; *path != '\0'; path++)
        used += (size_t)snprintf(uri + used, size - used,
                                 strchr(plain, *path) != NULL ? "%c" : "%%%02X",
                                 (unsigned char)*path);
    snprintf(uri + used, size - used, "?immutable=1");
    return uri;
}

// Looks at the finished copy as the file it is, without leaving a trace of a
// log beside it.
static int verify_copy(const char *path, dbc_error *err)
{
    char *uri = immutable_uri(path);
    sqlite3 *handle = NULL;

    if (uri == NULL) return dbc__sqlite_nomem(err);
    int rc = sqlite3_open_v2(uri, &handle,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
                                 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK)
        rc = dbc__sqlite_check_content(handle, path, err);
    else
        rc = dbc__sqlite_other_error(err, handle, path, rc);
    sqlite3_close(handle);
    sqlite3_free(uri);
    return rc;
}

// --------------------------------------------------------------------- backup

static int system_error(dbc_error *err, const char *work, const char *path)
{
    int why = errno;
    char cause[80] = "";

    if (why == ENOSPC || why == EDQUOT)
        return dbc_error_set(err, DBC_EFULL,
                             "the disk with \"%.200s\" is full: free some "
                             "space",
                             path);
    if (strerror_r(why, cause, sizeof cause) != 0) cause[0] = '\0';
    return dbc_error_set(err, DBC_EIO, "%s \"%.200s\" failed: %s", work, path,
                         cause);
}

// Whether there is a file at `path` with `suffix` behind it: 1, 0, or
// DBC_ENOMEM.
static int beside_exists(const char *path, const char *suffix, dbc_error *err)
{
    struct stat info;
    char *beside = sqlite3_mprintf("%s%s", path, suffix);

    if (beside == NULL) return dbc__sqlite_nomem(err);
    int exists = lstat(beside, &info) == 0;
    sqlite3_free(beside);
    return exists;
}

// A log or journal beside the target belongs to the file that is there; with
// the new file it would be nonsense that SQLite believes.
static int check_target(const dbc__sqlite *db, const char *path, dbc_error *err)
{
    struct stat info;

    if (path[0] == '\0' || strcmp(path, ":memory:") == 0)
        return dbc_error_set(err, DBC_EINVALID,
                             "a backup needs the path of a file");
    if (dbc__sqlite_same_file(sqlite3_db_filename(db->handle, "main"), path))
        return dbc_error_set(err, DBC_EINVALID,
                             "the database cannot be backed up onto itself: "
                             "\"%.200s\"",
                             path);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return dbc__sqlite_cannot_open(err, path, 0, SQLITE_CANTOPEN);
    int beside = beside_exists(path, "-wal", err);
    if (beside == 0) beside = beside_exists(path, "-journal", err);
    if (beside < 0) return beside;
    if (beside)
        return dbc_error_set(err, DBC_EINVALID,
                             "\"%.200s\" is in use: it has a log or a journal "
                             "beside it; choose another name or close it",
                             path);
    if (sqlite3_txn_state(db->handle, "main") == SQLITE_TXN_WRITE)
        return dbc_error_set(err, DBC_EINVALID,
                             "a backup is refused inside a transaction that "
                             "writes: commit it first");
    return DBC_OK;
}

// Makes the temporary file with the rights of the source and closes it.
static int make_temporary(const dbc__sqlite *db, char *temporary,
                          const char *path, dbc_error *err)
{
    const char *source = sqlite3_db_filename(db->handle, "main");
    struct stat info;
    int fd = mkstemp(temporary);

    if (fd < 0 && (errno == ENOSPC || errno == EDQUOT))
        return system_error(err, "making a file beside", path);
    if (fd < 0) {
        dbc__sqlite_cannot_open(err, path, 0, SQLITE_CANTOPEN);
        err->native = 0;
        return err->code;
    }
    int rc = DBC_OK;
    if (source != NULL && source[0] != '\0' && stat(source, &info) == 0 &&
        fchmod(fd, info.st_mode & 0777) != 0)
        rc = system_error(err, "setting the rights of", temporary);
    close(fd);
    if (rc < 0) unlink(temporary);
    return rc;
}

// Brings a file or a folder to the disk.
static int sync_path(const char *path, int flags, dbc_error *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    int rc = DBC_OK;

    if (fd < 0) return system_error(err, "opening", path);
    // Some file systems cannot sync a folder and need not.
    if (fsync(fd) != 0 && !(errno == EINVAL && (flags & O_DIRECTORY) != 0))
        rc = system_error(err, "syncing", path);
    close(fd);
    return rc;
}

static int sync_folder(const char *path, dbc_error *err)
{
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);
    char *folder = sqlite3_mprintf("%.*s", len, slash == NULL ? "." : path);

    if (folder == NULL) return dbc__sqlite_nomem(err);
    int rc = sync_path(folder, O_RDONLY | O_DIRECTORY, err);
    sqlite3_free(folder);
    return rc;
}

// SQLite does not mind when the log or journal that it is done with cannot be
// deleted; beside a name that nobody uses again it would stay for ever.
static void remove_beside(const char *path)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char beside[4096];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        int len = snprintf(beside, sizeof beside, "%s%s", path, suffixes[i]);
        if (len > 0 && (size_t)len < sizeof beside) unlink(beside);
    }
}

// Fills the file at `temporary`. It is synced afterwards, so SQLite need not
// journal or sync it on the way.
static int fill_copy(dbc__sqlite *db, const char *temporary,
                     dbc_progress progress, void *ud, dbc_error *err)
{
    dbc__sqlite_copy job = {db, db->handle, NULL, progress, ud};
    // A name that begins with "file:" is a path here, too.
    char *name = sqlite3_mprintf(
        "%s%s", strncmp(temporary, "file:", 5) == 0 ? "./" : "", temporary);

    if (name == NULL) return dbc__sqlite_nomem(err);
    int rc = sqlite3_open_v2(name, &job.target,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             NULL);
    sqlite3_free(name);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(job.target,
                          "PRAGMA synchronous = off; PRAGMA journal_mode = off",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = dbc__sqlite_copy_pages(&job, temporary, err);
    else
        rc = dbc__sqlite_other_error(err, job.target, temporary, rc);
    // A copy in WAL mode could not be read from a place that is read-only, and
    // reading it elsewhere would leave files beside it.
    if (rc == DBC_OK) {
        rc = sqlite3_exec(job.target, "PRAGMA journal_mode = delete", NULL,
                          NULL, NULL);
        if (rc != SQLITE_OK)
            rc = dbc__sqlite_other_error(err, job.target, temporary, rc);
    }
    sqlite3_close(job.target);
    remove_beside(temporary);
    return rc;
}

int dbc__sqlite_backup(void *ud, const char *path, dbc_progress progress,
                       void *progress_ud, dbc_error *err)
{
    dbc__sqlite *db = ud;
    char *temporary = NULL;
    int rc;

    rc = check_target(db, path, err);
    if (rc < 0) return rc;
    temporary = sqlite3_mprintf("%s.part-XXXXXX", path);
    if (temporary == NULL) return dbc__sqlite_nomem(err);
    rc = make_temporary(db, temporary, path, err);
    if (rc < 0) goto cleanup;

    rc = fill_copy(db, temporary, progress, progress_ud, err);
    if (rc == DBC_OK) rc = sync_path(temporary, O_RDONLY, err);
    if (rc == DBC_OK) rc = verify_copy(temporary, err);
    // Somebody may have opened the target meanwhile.
    if (rc == DBC_OK) rc = check_target(db, path, err);
    if (rc == DBC_OK && rename(temporary, path) != 0)
        rc = system_error(err, "renaming to", path);
    if (rc == DBC_OK)
        rc = sync_folder(path, err);
    else
        unlink(temporary);

cleanup:
    sqlite3_free(temporary);
    return rc;
}
