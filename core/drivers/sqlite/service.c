// The table of services, and those that are too small for a file of their own.
#include "service.h"
#include "warning.h"

#include "backup.h"
#include "checkpoint.h"
#include "error.h"
#include "function.h"
#include "guard.h"
#include "hook.h"
#include "wait.h"

static int checkpoint(dbc_checkpoint_info *out, void *ud,
                      dbc_checkpoint_mode mode, dbc_error *err)
{
    static const int modes[] = {
        [DBC_CHECKPOINT_FULL] = SQLITE_CHECKPOINT_FULL,
        [DBC_CHECKPOINT_RESTART] = SQLITE_CHECKPOINT_RESTART,
        [DBC_CHECKPOINT_TRUNCATE] = SQLITE_CHECKPOINT_TRUNCATE};
    dbc__sqlite *db = ud;
    int log, done;

    if ((unsigned)mode > DBC_CHECKPOINT_TRUNCATE)
        return dbc_error_set(err, DBC_EINVALID,
                             "there is no checkpoint mode "
                             "%d: it is full, restart or "
                             "truncate",
                             (int)mode);
    int rc = dbc__sqlite_checkpoint_now(db, modes[mode], &log, &done);
    if ((rc & 0xFF) == SQLITE_LOCKED)
        return dbc_error_set(err, DBC_EINVALID,
                             "a checkpoint is refused inside a transaction and "
                             "while statements run: end them first");
    if (rc != SQLITE_OK && (rc & 0xFF) != SQLITE_BUSY)
        return dbc__sqlite_error(err, db, rc, 0);
    out->busy = rc != SQLITE_OK;
    out->log_pages = log;
    out->done_pages = done;
    return DBC_OK;
}

// Double-quoted strings are off otherwise (see open.c).
static int lenient(void *ud, unsigned what, dbc_error *err)
{
    dbc__sqlite *db = ud;
    int definitions = (what & DBC_LENIENT_DEFINITIONS) != 0;
    int statements = (what & DBC_LENIENT_STATEMENTS) != 0;

    (void)err;
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, definitions,
                      (int *)NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, statements,
                      (int *)NULL);
    return DBC_OK;
}

static void *native(void *ud)
{
    return ((dbc__sqlite *)ud)->handle;
}

const dbc_services dbc__sqlite_services = {
    .backup = dbc__sqlite_backup,
    .restore = dbc__sqlite_restore,
    .checkpoint = checkpoint,
    .create_function = dbc__sqlite_create_function,
    .create_aggregate = dbc__sqlite_create_aggregate,
    .create_collation = dbc__sqlite_create_collation,
    .on_update = dbc__sqlite_on_update,
    .on_warning = dbc__sqlite_on_warning,
    .on_commit = dbc__sqlite_on_commit,
    .on_rollback = dbc__sqlite_on_rollback,
    .native = native,
    .lenient = lenient,
    .on_tick = dbc__sqlite_on_tick,
    .guard = dbc__sqlite_guard,
    .is_aggregate = dbc__sqlite_is_aggregate,
    .rows_read = dbc__sqlite_rows_read,
};
