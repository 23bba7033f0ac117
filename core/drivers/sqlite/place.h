// Which table, columns or index a message of SQLite speaks of. They stand in
// its text only, unquoted, so the schema is asked where a dot or a comma may
// belong to a name.
#ifndef DBC_SQLITE_PLACE_H
#define DBC_SQLITE_PLACE_H

#include <sqlite3.h>
#include <stddef.h>

#include "dbcore.h"

// "t.a, t.b": sets table and columns. `handle` may be NULL.
void dbc__sqlite_read_place(dbc_error *err, sqlite3 *handle, const char *text);

// An index by name: sets its table. `handle` may be NULL.
void dbc__sqlite_read_index(dbc_error *err, sqlite3 *handle, const char *name,
                            size_t len);

// "no such table: main.t", "no such column: t.c", "table t has no column
// named c": sets what is missing.
void dbc__sqlite_read_missing(dbc_error *err, const char *message);

#endif
