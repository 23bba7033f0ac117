// Errors that speak of the database's file. Each sets code and message; the
// native code is left to the caller, but for the last one.
#ifndef DBC_SQLITE_FILE_ERROR_H
#define DBC_SQLITE_FILE_ERROR_H

#include <sqlite3.h>

#include "dbcore_driver.h"

// The path as a message shows it; "" and NULL are a temporary database.
const char *dbc__sqlite_shown(const char *path);

void dbc__sqlite_say_readonly(dbc_error *err, const char *path, int rc);

// `error_number` is the system's errno, or 0.
void dbc__sqlite_say_io(dbc_error *err, const char *path, int rc,
                        int error_number);

void dbc__sqlite_say_corrupt(dbc_error *err, const char *path, int rc,
                             const char *message);

// A file could not be opened: says why. `flags` are DBC_OPEN_….
int dbc__sqlite_cannot_open(dbc_error *err, const char *path, unsigned flags,
                            int rc);

#endif
