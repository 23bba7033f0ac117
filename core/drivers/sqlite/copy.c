// Copying pages from one pinned snapshot, so that a writer beside never makes
// the copy start again; and what backup and restore need besides.
#include "copy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "file_error.h"
#include "wait.h"

enum { PAGES_PER_STEP = 1000 };

static int run_sql(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

int dbc__sqlite_other_error(dbc_error *err, sqlite3 *handle, const char *path,
                            int rc)
{
    int extended = sqlite3_extended_errcode(handle);

    if ((rc & 0xFF) == SQLITE_CANTOPEN)
        return dbc__sqlite_cannot_open(err, path, DBC_OPEN_EXISTING, rc);
    if ((extended & 0xFF) != (rc & 0xFF))
        return dbc__sqlite_translate(err, path, rc, sqlite3_errstr(rc));
    return dbc__sqlite_translate(err, path, extended, sqlite3_errmsg(handle));
}

int dbc__sqlite_same_file(const char *path, const char *other)
{
    struct stat a, b;

    return path != NULL && path[0] != '\0' && stat(path, &a) == 0 &&
           stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// 1 when the host wants no more.
static int stopped(const dbc__sqlite_copy *job, sqlite3_backup *backup,
                   dbc_error *err)
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
static int step_all(const dbc__sqlite_copy *job, sqlite3_backup *backup,
                    dbc_error *err)
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

// Holds one snapshot of the source, unless a transaction does already. What
// ends it is made first: there may be no memory for it later.
static int pin(sqlite3_stmt **unpin, sqlite3 *source)
{
    int rc;

    *unpin = NULL;
    if (!sqlite3_get_autocommit(source)) return SQLITE_OK;
    rc = sqlite3_prepare_v2(source, "COMMIT", -1, unpin, NULL);
    return rc == SQLITE_OK ? run_sql(source, "BEGIN") : rc;
}

static void let_go(sqlite3_stmt *unpin, sqlite3 *source)
{
    if (unpin == NULL) return;
    if (!sqlite3_get_autocommit(source)) sqlite3_step(unpin);
    sqlite3_finalize(unpin);
    if (!sqlite3_get_autocommit(source)) run_sql(source, "ROLLBACK");
}

int dbc__sqlite_copy_pages(const dbc__sqlite_copy *job, const char *path,
                           dbc_error *err)
{
    sqlite3_stmt *unpin;
    int rc = pin(&unpin, job->source);

    dbc__sqlite_wait_arm(job->db);
    err->code = DBC_OK;
    if (rc == SQLITE_OK)
        rc = run_sql(job->source, "SELECT 1 FROM sqlite_schema LIMIT 1");
    if (rc != SQLITE_OK) {
        dbc__sqlite_other_error(err, job->source, path, rc);
    } else {
        sqlite3_backup *backup =
            sqlite3_backup_init(job->target, "main", job->source, "main");
        if (backup != NULL) rc = step_all(job, backup, err);
        // The whole outcome, once what is open is rolled back or kept.
        int last = backup != NULL ? sqlite3_backup_finish(backup)
                                  : sqlite3_extended_errcode(job->target);
        if (err->code == DBC_OK && (rc != SQLITE_DONE || last != SQLITE_OK))
            dbc__sqlite_other_error(err, job->target, path,
                                    last != SQLITE_OK ? last : rc);
    }
    let_go(unpin, job->source);
    return err->code;
}

// quick_check tells of a page that could not be read as of any damage; that
// the disk failed, and not the file, stands in its text only.
static int check_failed(const char *path, const char *text, dbc_error *err)
{
    static const char heading[] = "*** in database main ***\n";
    static const char unread[] = "error code=";
    const char *cause = strstr(text, unread);
    int rc = cause != NULL ? (int)strtol(cause + sizeof unread - 1, NULL, 10)
                           : SQLITE_CORRUPT;

    if (strncmp(text, heading, sizeof heading - 1) == 0)
        text += sizeof heading - 1;
    switch (rc & 0xFF) {
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_BUSY:
        break;
    default:
        rc = SQLITE_CORRUPT;
    }
    return dbc__sqlite_translate(err, path, rc, text);
}

int dbc__sqlite_check_content(sqlite3 *handle, const char *path, dbc_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc =
        sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &stmt, NULL);

    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        if (text == NULL)
            dbc__sqlite_nomem(err);
        else if (strcmp(text, "ok") == 0)
            err->code = DBC_OK;
        else
            check_failed(path, text, err);
    } else {
        dbc__sqlite_other_error(err, handle, path, rc);
    }
    sqlite3_finalize(stmt);
    return err->code;
}
