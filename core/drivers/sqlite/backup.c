// Backup and restore. Both read from one pinned snapshot, so a writer beside
// never makes the copy start again. A backup is made beside its target and
// renamed when it is whole, verified and on the disk; a restore is one
// transaction of the live database.
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint.h"
#include "error.h"
#include "wait.h"

enum { PAGES_PER_STEP = 1000 };

static int run_sql(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

// An error of a handle that is not the connection's own.
static int other_error(dbc_error *err, sqlite3 *handle, const char *path,
                       int rc)
{
    int extended = sqlite3_extended_errcode(handle);

    if ((rc & 0xFF) == SQLITE_CANTOPEN)
        return dbc__sqlite_cannot_open(err, path, DBC_OPEN_EXISTING, rc);
    if ((extended & 0xFF) != (rc & 0xFF))
        return dbc__sqlite_translate(err, path, rc, sqlite3_errstr(rc));
    return dbc__sqlite_translate(err, path, extended, sqlite3_errmsg(handle));
}

static int same_file(const char *path, const char *other)
{
    struct stat a, b;

    return path != NULL && path[0] != '\0' && stat(path, &a) == 0 &&
           stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// -------------------------------------------------------------------- copying

typedef struct copy_job {
    dbc__sqlite *db; // whose interrupts and deadline count
    sqlite3 *source;
    sqlite3 *target;
    dbc_progress progress; // or NULL
    void *ud;
} copy_job;

// 1 when the host wants no more.
static int stopped(const copy_job *job, sqlite3_backup *backup, dbc_error *err)
{
    dbc__sqlite *db = job->db;
    int total = sqlite3_backup_pagecount(backup);
    int done = total - sqlite3_backup_remaining(backup);

    if (job->progress != NULL && job->progress(job->ud, done, total) != 0) {
        dbc_error_set(err, DBC_EINTERRUPTED,
                      "the copy was stopped by its progress function");
        return 1;
    }
    if (atomic_load(&db->interrupts) != db->interrupts_seen) {
        dbc_error_set(err, DBC_EINTERRUPTED, "the copy was interrupted");
        return 1;
    }
    if (db->deadline_ns != 0 && dbc__sqlite_now_ns() >= db->deadline_ns) {
        dbc_error_set(err, DBC_ETIMEOUT,
                      "the copy ran longer than its time limit");
        return 1;
    }
    return 0;
}

// Steps to the end; SQLITE_DONE, SQLITE_ABORT with `err` set, or an error.
static int step_all(const copy_job *job, sqlite3_backup *backup, dbc_error *err)
{
    int64_t until_ns = dbc__sqlite_wait_end(job->db);
    int count = 0;

    for (;;) {
        int rc = sqlite3_backup_step(backup, PAGES_PER_STEP);
        if ((rc & 0xFF) == SQLITE_BUSY &&
            dbc__sqlite_wait_again(job->db, count++, until_ns))
            continue;
        if (rc != SQLITE_OK && rc != SQLITE_DONE) return rc;
        if (stopped(job, backup, err)) return SQLITE_ABORT;
        if (rc == SQLITE_DONE) return rc;
    }
}

// Copies all pages from a snapshot of the source. Fills `err` on failure.
static int copy_pages(const copy_job *job, const char *path, dbc_error *err)
{
    int pinned = sqlite3_get_autocommit(job->source);
    int rc = pinned ? run_sql(job->source, "BEGIN") : SQLITE_OK;

    dbc__sqlite_wait_arm(job->db);
    err->code = DBC_OK;
    if (rc == SQLITE_OK)
        rc = run_sql(job->source, "SELECT 1 FROM sqlite_schema LIMIT 1");
    if (rc != SQLITE_OK) {
        other_error(err, job->source, path, rc);
    } else {
        sqlite3_backup *backup =
            sqlite3_backup_init(job->target, "main", job->source, "main");
        if (backup != NULL) rc = step_all(job, backup, err);
        // The whole outcome, once what is open is rolled back or kept.
        int last = backup != NULL ? sqlite3_backup_finish(backup)
                                  : sqlite3_extended_errcode(job->target);
        if (err->code == DBC_OK && (rc != SQLITE_DONE || last != SQLITE_OK))
            other_error(err, job->target, path, last != SQLITE_OK ? last : rc);
    }
    if (pinned) run_sql(job->source, "COMMIT");
    return err->code;
}

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

// quick_check on an open handle.
static int check_content(sqlite3 *handle, const char *path, dbc_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc =
        sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &stmt, NULL);

    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        if (text != NULL && strcmp(text, "ok") == 0)
            err->code = DBC_OK;
        else
            dbc__sqlite_translate(err, path, SQLITE_CORRUPT,
                                  text != NULL ? text : "quick_check failed");
    } else {
        other_error(err, handle, path, rc);
    }
    sqlite3_finalize(stmt);
    return err->code;
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
        rc = check_content(handle, path, err);
    else
        rc = other_error(err, handle, path, rc);
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

static int beside_exists(const char *path, const char *suffix)
{
    struct stat info;
    char *beside = sqlite3_mprintf("%s%s", path, suffix);
    // Out of memory counts as "there is one": the careful answer.
    int exists = beside == NULL || lstat(beside, &info) == 0;

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
    if (same_file(sqlite3_db_filename(db->handle, "main"), path))
        return dbc_error_set(err, DBC_EINVALID,
                             "the database cannot be backed up onto itself: "
                             "\"%.200s\"",
                             path);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return dbc__sqlite_cannot_open(err, path, 0, SQLITE_CANTOPEN);
    if (beside_exists(path, "-wal") || beside_exists(path, "-journal"))
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

// Fills the file at `temporary`. It is synced afterwards, so SQLite need not
// journal or sync it on the way.
static int fill_copy(dbc__sqlite *db, const char *temporary,
                     dbc_progress progress, void *ud, dbc_error *err)
{
    copy_job job = {db, db->handle, NULL, progress, ud};
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
        rc = run_sql(job.target,
                     "PRAGMA synchronous = off; PRAGMA journal_mode = off");
    if (rc == SQLITE_OK)
        rc = copy_pages(&job, temporary, err);
    else
        rc = other_error(err, job.target, temporary, rc);
    sqlite3_close(job.target);
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

// -------------------------------------------------------------------- restore

static int check_restore(const dbc__sqlite *db, const char *path,
                         dbc_error *err)
{
    sqlite3_stmt *stmt = NULL;
    struct stat info;

    if (same_file(sqlite3_db_filename(db->handle, "main"), path))
        return dbc_error_set(err, DBC_EINVALID,
                             "the database cannot be restored from itself: "
                             "\"%.200s\"",
                             path);
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return dbc__sqlite_cannot_open(err, path, DBC_OPEN_EXISTING,
                                       SQLITE_CANTOPEN);
    if (sqlite3_db_readonly(db->handle, "main"))
        return dbc_error_set(err, DBC_EREADONLY,
                             "\"%.200s\" is open read-only: nothing can be "
                             "restored into it",
                             db->path);
    if (!sqlite3_get_autocommit(db->handle))
        return dbc_error_set(err, DBC_EINVALID,
                             "a restore is refused inside a transaction: end "
                             "it first");
    while ((stmt = sqlite3_next_stmt(db->handle, stmt)) != NULL) {
        if (sqlite3_stmt_busy(stmt))
            return dbc_error_set(err, DBC_EINVALID,
                                 "a restore is refused while statements run: "
                                 "finish or reset them first");
    }
    return DBC_OK;
}

static int page_size(sqlite3 *handle)
{
    sqlite3_stmt *stmt = NULL;
    int size = 0;

    if (sqlite3_prepare_v2(handle, "PRAGMA page_size", -1, &stmt, NULL) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        size = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return size;
}

static int open_source(sqlite3 **out, const char *path, dbc_error *err)
{
    char *name = sqlite3_mprintf(
        "%s%s", strncmp(path, "file:", 5) == 0 ? "./" : "", path);

    if (name == NULL) return dbc__sqlite_nomem(err);
    int rc = sqlite3_open_v2(name, out,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             NULL);
    sqlite3_free(name);
    if (rc != SQLITE_OK) return other_error(err, *out, path, rc);
    return check_content(*out, path, err);
}

int dbc__sqlite_restore(void *ud, const char *path, dbc_progress progress,
                        void *progress_ud, dbc_error *err)
{
    dbc__sqlite *db = ud;
    copy_job job = {db, NULL, db->handle, progress, progress_ud};
    int log, done;
    int rc;

    rc = check_restore(db, path, err);
    if (rc < 0) return rc;
    rc = open_source(&job.source, path, err);
    if (rc < 0) goto cleanup;

    // SQLite cannot change the page size of a database in WAL mode.
    int ours = page_size(db->handle), theirs = page_size(job.source);
    if (ours != theirs) {
        rc = dbc_error_set(err, DBC_EUNSUPPORTED,
                           "\"%.200s\" has pages of %d bytes, the database of "
                           "%d: they must be equal",
                           path, theirs, ours);
        goto cleanup;
    }
    rc = copy_pages(&job, db->path, err);
    // The log holds the whole database now; to keep it is no failure.
    if (rc == DBC_OK)
        dbc__sqlite_checkpoint_now(db, SQLITE_CHECKPOINT_TRUNCATE, &log, &done);

cleanup:
    sqlite3_close(job.source);
    return rc;
}
