// Copying whole databases: dbc_services' functions of these names.
#ifndef DBC_SQLITE_BACKUP_H
#define DBC_SQLITE_BACKUP_H

#include "db.h"

int dbc__sqlite_backup(void *db, const char *path, dbc_progress progress,
                       void *ud, dbc_error *err);
int dbc__sqlite_restore(void *db, const char *path, dbc_progress progress,
                        void *ud, dbc_error *err);

#endif
