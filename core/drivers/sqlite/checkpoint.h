// Checkpoints that the driver makes itself.
#ifndef DBC_SQLITE_CHECKPOINT_H
#define DBC_SQLITE_CHECKPOINT_H

#include "db.h"

// Decides who makes checkpoints on this connection: SQLite, or the driver
// when this SQLite's automatic ones are not safe. `pages` is the size of the
// log from which on one is due; 0: none at all.
void dbc__sqlite_checkpoint_init(dbc__sqlite *db, int pages);

// Makes one, if it is due and no statement is running. Never fails.
void dbc__sqlite_checkpoint_run(dbc__sqlite *db);

// After a statement was reset.
static inline void dbc__sqlite_checkpoint_if_due(dbc__sqlite *db)
{
    if (db->wal_pages >= db->checkpoint_at && db->checkpoint_at != 0)
        dbc__sqlite_checkpoint_run(db);
}

// One now, as asked. Returns SQLite's result code; SQLITE_BUSY when it is not
// complete. The two counts are -1 when there is no log.
int dbc__sqlite_checkpoint_now(dbc__sqlite *db, int mode, int *log_pages,
                               int *done_pages);

#endif
