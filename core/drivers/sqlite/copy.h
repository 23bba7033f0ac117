// Copying a database page by page, for backup and restore.
#ifndef DBC_SQLITE_COPY_H
#define DBC_SQLITE_COPY_H

#include "db.h"

typedef struct dbc__sqlite_copy {
    dbc__sqlite *db; // whose interrupts and deadline count
    sqlite3 *source;
    sqlite3 *target;
    dbc_progress progress; // or NULL
    void *ud;
} dbc__sqlite_copy;

// Copies all pages from a snapshot of the source. `path` names the target in
// messages. Returns err->code, DBC_OK when it went well.
int dbc__sqlite_copy_pages(const dbc__sqlite_copy *job, const char *path,
                           dbc_error *err);

// quick_check of a database that is open. Returns err->code.
int dbc__sqlite_check_content(sqlite3 *handle, const char *path,
                              dbc_error *err);

// The error of a handle that is not the connection's own.
int dbc__sqlite_other_error(dbc_error *err, sqlite3 *handle, const char *path,
                            int rc);

// Whether both paths lead to one file. `path` may be NULL.
int dbc__sqlite_same_file(const char *path, const char *other);

#endif
