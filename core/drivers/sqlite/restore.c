// Restore: the content of a file becomes that of the live database, in one
// transaction of it.
#include "backup.h"

#include <string.h>
#include <sys/stat.h>

#include "checkpoint.h"
#include "copy.h"
#include "error.h"
#include "file_error.h"

static int check_restore(const dbc__sqlite *db, const char *path,
                         dbc_error *err)
{
    sqlite3_stmt *stmt = NULL;
    struct stat info;

    if (dbc__sqlite_same_file(sqlite3_db_filename(db->handle, "main"), path))
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

// Returns SQLite's result code.
static int read_page_size(int *out, sqlite3 *handle)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(handle, "PRAGMA page_size", -1, &stmt, NULL);

    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) *out = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

// SQLite cannot change the page size of a database in WAL mode.
static int check_page_size(const dbc__sqlite_copy *job, const char *path,
                           dbc_error *err)
{
    int theirs = 0, ours = 0;
    int rc = read_page_size(&theirs, job->source);

    if (rc != SQLITE_OK)
        return dbc__sqlite_other_error(err, job->source, path, rc);
    rc = read_page_size(&ours, job->target);
    if (rc != SQLITE_OK) return dbc__sqlite_error(err, job->db, rc, 0);
    if (ours == theirs) return DBC_OK;
    return dbc_error_set(err, DBC_EUNSUPPORTED,
                         "\"%.200s\" has pages of %d bytes, the database of "
                         "%d: they must be equal",
                         path, theirs, ours);
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
    if (rc != SQLITE_OK) return dbc__sqlite_other_error(err, *out, path, rc);
    return dbc__sqlite_check_content(*out, path, err);
}

int dbc__sqlite_restore(void *ud, const char *path, dbc_progress progress,
                        void *progress_ud, dbc_error *err)
{
    dbc__sqlite *db = ud;
    dbc__sqlite_copy job = {db, NULL, db->handle, progress, progress_ud};
    int log, done;
    int rc;

    rc = check_restore(db, path, err);
    if (rc < 0) return rc;
    rc = open_source(&job.source, path, err);
    if (rc < 0) goto cleanup;

    rc = check_page_size(&job, path, err);
    if (rc < 0) goto cleanup;
    rc = dbc__sqlite_copy_pages(&job, db->path, err);
    // The log holds the whole database now; to keep it is no failure.
    if (rc == DBC_OK)
        dbc__sqlite_checkpoint_now(db, SQLITE_CHECKPOINT_TRUNCATE, &log, &done);

cleanup:
    sqlite3_close(job.source);
    return rc;
}
