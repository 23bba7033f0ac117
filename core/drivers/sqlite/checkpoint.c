// SQLite before 3.51.3 can damage a database in WAL mode: a PASSIVE checkpoint,
// which all automatic ones are, reads the header of the log before it holds
// any lock that keeps a writer from starting the log anew. The other forms
// take the writer's lock first. So on those versions the driver switches the
// automatic ones off and makes its own, after the statement that committed
// was reset, so that a commit never fails because of one.
#include "checkpoint.h"

#include "wait.h"

enum {
    SAFE_VERSION = 3051003, // of SQLite: the race is mended
    COMMIT_WAIT_MS = 100    // a commit waits no longer for its checkpoint
};

// Called after each commit in WAL mode; only remembers how long the log is.
static int on_wal(void *ud, sqlite3 *handle, const char *name, int pages)
{
    dbc__sqlite *db = ud;

    (void)handle;
    (void)name;
    // A shorter log than before was started anew.
    if (pages < db->wal_pages) db->checkpoint_try = 0;
    db->wal_pages = pages;
    return SQLITE_OK;
}

void dbc__sqlite_checkpoint_init(dbc__sqlite *db, int pages)
{
    if (sqlite3_libversion_number() >= SAFE_VERSION) {
        sqlite3_wal_autocheckpoint(db->handle, pages);
        return;
    }
    db->checkpoint_at = pages;
    sqlite3_wal_hook(db->handle, on_wal, db);
}

static int statement_runs(sqlite3 *handle)
{
    sqlite3_stmt *stmt = NULL;

    while ((stmt = sqlite3_next_stmt(handle, stmt)) != NULL) {
        if (sqlite3_stmt_busy(stmt)) return 1;
    }
    return 0;
}

static int checkpoint(dbc__sqlite *db, int mode, int wait_ms, int *log,
                      int *done)
{
    dbc__sqlite_wait wait_end = db->wait_end;

    *log = *done = -1;
    dbc__sqlite_wait_arm(db);
    db->checkpoint_wait_ms = wait_ms;
    int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, log, done);
    db->checkpoint_wait_ms = -1;
    db->wait_end = wait_end;
    return rc;
}

void dbc__sqlite_checkpoint_run(dbc__sqlite *db)
{
    int wait_ms = db->busy_timeout_ms;
    int log, done;

    if (db->wal_pages < db->checkpoint_try) return;
    // Under a statement or in a transaction it would have to be refused.
    if (!sqlite3_get_autocommit(db->handle) || statement_runs(db->handle))
        return;

    if (wait_ms > COMMIT_WAIT_MS) wait_ms = COMMIT_WAIT_MS;
    if (checkpoint(db, SQLITE_CHECKPOINT_RESTART, wait_ms, &log, &done) ==
        SQLITE_OK) {
        db->wal_pages = 0;
        db->checkpoint_try = 0;
    } else {
        // Somebody reads an older state, or another connection is at it. The
        // next try comes when the log has grown by as much again.
        db->checkpoint_try = db->wal_pages + db->checkpoint_at;
    }
}

int dbc__sqlite_checkpoint_now(dbc__sqlite *db, int mode, int *log_pages,
                               int *done_pages)
{
    *log_pages = *done_pages = -1;
    if (!sqlite3_get_autocommit(db->handle) || statement_runs(db->handle))
        return SQLITE_LOCKED;

    int rc = checkpoint(db, mode, db->busy_timeout_ms, log_pages, done_pages);
    if (rc == SQLITE_OK) db->wal_pages = 0;
    return (rc & 0xFF) == SQLITE_INTERRUPT ? SQLITE_BUSY : rc;
}
