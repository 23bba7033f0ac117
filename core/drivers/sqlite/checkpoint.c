// SQLite before 3.51.3 can damage a database in WAL mode: a PASSIVE checkpoint,
// which all automatic ones are, reads the header of the log before it holds
// any lock that keeps a writer from starting the log anew. The other forms
// take the writer's lock first. So on those versions the driver switches the
// automatic ones off and makes its own, after the statement that committed
// was reset, so that a commit never fails because of one.
#include "checkpoint.h"

#include <limits.h>

#include "wait.h"
#include "warning.h"

enum {
    SAFE_VERSION = 3051003, // of SQLite: the race is mended
    COMMIT_WAIT_MS = 100,   // a commit waits as long for its checkpoint
    LONG_LOG = 2,           // times as long as when one is due: it waits longer
    LONGEST_WAIT_MS = 1000, // but not beyond this …
    SHARE = 4,              // … and a part of the patience of other writers
    FRAME_HEADER = 24       // bytes before each page of the log
};

// Called after each commit in WAL mode; only remembers how long the log is.
static int on_wal(void *ud, sqlite3 *handle, const char *name, int pages)
{
    dbc__sqlite *db = ud;

    (void)handle;
    (void)name;
    // A shorter log than before was started anew.
    if (pages < db->wal_pages) db->checkpoint_try = db->checkpoint_wait = 0;
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

// How long the one after a commit may wait. Readers that follow each other
// without a gap would keep the log for ever from one that gives up sooner than
// they end, so its patience grows with the log. The writer's lock is held
// meanwhile: the other writers must not run out of time.
static int patience_ms(const dbc__sqlite *db)
{
    int ms = COMMIT_WAIT_MS;
    int most = db->busy_timeout_ms / SHARE;

    if (most < COMMIT_WAIT_MS) most = COMMIT_WAIT_MS;
    if (most > LONGEST_WAIT_MS) most = LONGEST_WAIT_MS;
    if (most > db->busy_timeout_ms) most = db->busy_timeout_ms;
    for (int pages = db->wal_pages / LONG_LOG;
         pages >= db->checkpoint_at && ms < most; pages /= 2)
        ms *= 2;
    return ms < most ? ms : most;
}

// Nothing is in the log that had to be waited for.
static void log_is_done(dbc__sqlite *db)
{
    db->wal_pages = 0;
    db->checkpoint_try = 0;
    db->checkpoint_wait = 0;
    dbc__sqlite_unpin(db);
}

// Somebody reads an older state, or another connection is at it. The next try
// comes when the log has grown by as much again as makes one due; but it waits
// only when it has grown by half: the longer a reader stays, the rarer commits
// are held up for it.
static void log_is_kept(dbc__sqlite *db, int waited)
{
    int half = db->wal_pages / 2;

    db->checkpoint_try = db->wal_pages + db->checkpoint_at;
    if (!waited) return;
    if (half < db->checkpoint_at) half = db->checkpoint_at;
    db->checkpoint_wait = db->wal_pages + half;
    dbc__sqlite_warn_pinned(db);
}

static int is_held_up(int rc)
{
    return (rc & 0xFF) == SQLITE_BUSY || (rc & 0xFF) == SQLITE_INTERRUPT;
}

void dbc__sqlite_checkpoint_run(dbc__sqlite *db)
{
    int log, done;

    if (db->wal_pages < db->checkpoint_try) return;
    // Under a statement or in a transaction it would have to be refused.
    if (!sqlite3_get_autocommit(db->handle) || statement_runs(db->handle))
        return;

    int waits = db->wal_pages >= db->checkpoint_wait;
    int rc = checkpoint(db, SQLITE_CHECKPOINT_RESTART,
                        waits ? patience_ms(db) : 0, &log, &done);
    // A disk that is full, or worse, is told of by the commit that it stops.
    if (rc == SQLITE_OK)
        log_is_done(db);
    else
        log_is_kept(db, waits && is_held_up(rc));
}

// The pages that the file of the log has room for, or -1.
static int log_room(sqlite3 *handle)
{
    sqlite3_file *file = NULL;
    sqlite3_stmt *stmt = NULL;
    sqlite3_int64 size = 0, page = 0;

    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER,
                             &file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL ||
        file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return -1;
    if (sqlite3_prepare_v2(handle, "PRAGMA page_size", -1, &stmt, NULL) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        page = sqlite3_column_int64(stmt, 0) + FRAME_HEADER;
    sqlite3_finalize(stmt);
    return page != 0 && size / page < INT_MAX ? (int)(size / page) : -1;
}

int dbc__sqlite_checkpoint_now(dbc__sqlite *db, int mode, int *log_pages,
                               int *done_pages)
{
    *log_pages = *done_pages = -1;
    if (!sqlite3_get_autocommit(db->handle) || statement_runs(db->handle))
        return SQLITE_LOCKED;

    int rc = checkpoint(db, mode, db->busy_timeout_ms, log_pages, done_pages);
    if (rc == SQLITE_OK) log_is_done(db);
    if ((rc & 0xFF) != SQLITE_INTERRUPT) return rc;
    // It gave up, see wait.c, and so does not tell what it gave up on.
    *log_pages = log_room(db->handle);
    *done_pages = 0;
    return SQLITE_BUSY;
}
