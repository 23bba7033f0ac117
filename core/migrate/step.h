// One migration, one way, inside a transaction that is open: runs it, checks
// what it left, and writes its line into the ledger.
#ifndef DBC_MIGRATE_STEP_H
#define DBC_MIGRATE_STEP_H

#include "buf.h"
#include "history.h"
#include "orphans.h"
#include "progress.h"

// What a whole run keeps for its steps.
typedef struct dbc__runner {
    dbc_conn *conn;
    const dbc_migrator *migrator;
    const dbc_migrate_options *options;
    dbc__orphans orphans; // rows whose parent was missing before
    int within;           // the transaction is the caller's
    int keys_enforced;    // the caller's transaction has foreign keys on
} dbc__runner;

// The migration that runs: what hangs on dbc_migration_run.inner.
typedef struct dbc__running {
    dbc__runner *runner;
    const dbc__known *known;
    dbc_buf plan; // the SQL that was run
    dbc__progress progress;
} dbc__running;

// Below zero, the error on the connection begins with the migration's name.
int dbc__step_run(dbc__runner *runner, const dbc__known *known,
                  dbc_direction direction, int64_t *duration_ms);

// The error of the connection with the migration's name before it; a `line` of
// 0 is left out. Returns the code.
int dbc__step_blame(dbc_conn *conn, const char *id, int line);

// The database as it is now, for the ledger: its fingerprint and its CREATE
// statements, which the caller disposes of.
int dbc__step_picture(char fingerprint[DBC__DIGEST_SIZE], dbc_buf *schema,
                      dbc_conn *conn);

#endif
