// Hooks of the host: dbc_services' functions of these names.
#ifndef DBC_SQLITE_HOOK_H
#define DBC_SQLITE_HOOK_H

#include "db.h"

int dbc__sqlite_on_update(void *db,
                          void (*call)(void *ud, const dbc_change *change),
                          void *ud, dbc_error *err);
int dbc__sqlite_on_commit(void *db, int (*call)(void *ud), void *ud,
                          dbc_error *err);
int dbc__sqlite_on_rollback(void *db, void (*call)(void *ud), void *ud,
                            dbc_error *err);

// From now on no commit goes through after a collation has failed.
void dbc__sqlite_guard_commits(dbc__sqlite *db);

#endif
