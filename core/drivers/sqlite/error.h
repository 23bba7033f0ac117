// From SQLite's result codes and messages to a dbc_error. SQLite says which
// table, columns or constraint are concerned only in the text of its message;
// the forms are read here and nowhere else.
#ifndef DBC_SQLITE_ERROR_H
#define DBC_SQLITE_ERROR_H

#include "db.h"

int dbc__sqlite_nomem(dbc_error *err);

// The error of a call that returned `rc` on `db`: asks the handle for message
// and position. `base` is where the failing statement starts in the text the
// caller knows. Returns err->code.
int dbc__sqlite_error(dbc_error *err, dbc__sqlite *db, int rc, size_t base);

// Says what a foreign key that failed at COMMIT leaves to be done.
void dbc__sqlite_say_uncommitted(dbc_error *err);

// The same from the parts, for a handle that has no dbc__sqlite: `path` names
// the file, `message` is SQLite's.
int dbc__sqlite_translate(dbc_error *err, const char *path, int rc,
                          const char *message);

// The dbc_status of an (extended) result code.
int dbc__sqlite_status(int rc);

#endif
