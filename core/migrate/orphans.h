// Rows whose parent is not there. Foreign keys are not enforced while a
// migration runs; what it left is compared with what was there before.
#ifndef DBC_MIGRATE_ORPHANS_H
#define DBC_MIGRATE_ORPHANS_H

#include "conn.h"

typedef struct dbc__orphans {
    uint64_t *hashes; // owned, sorted
    size_t count, cap;
    int unknown; // it could not be asked: a parent has no such key
} dbc__orphans;

void dbc__orphans_dispose(dbc__orphans *orphans, dbc_conn *conn);

// Notes those that are there now.
int dbc__orphans_note(dbc__orphans *orphans, dbc_conn *conn);

// DBC_OK when there are no new ones, and notes them as they are now;
// DBC_EFOREIGNKEY with the first one that is new.
int dbc__orphans_compare(dbc__orphans *orphans, dbc_conn *conn);

#endif
