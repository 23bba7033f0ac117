// What a person should know though nothing failed: a reader that keeps the log
// from being moved into the file, a second copy of SQLite in the process.
#ifndef DBC_SQLITE_WARNING_H
#define DBC_SQLITE_WARNING_H

#include "db.h"

// Looks for a second copy of SQLite. Two copies in one process lose each
// other's locks: closing a file in one drops those of the other (POSIX
// advisory locks belong to the process).
void dbc__sqlite_look_for_twin(dbc__sqlite *db);

// A checkpoint could not move the whole log. The second one in a row is told.
void dbc__sqlite_warn_pinned(dbc__sqlite *db);

// The log was moved: whoever was in the way is gone.
void dbc__sqlite_unpin(dbc__sqlite *db);

// Sets who is told, and tells at once what was found before.
int dbc__sqlite_on_warning(void *ud,
                           void (*call)(void *ud, const dbc_warning *warning),
                           void *call_ud, dbc_error *err);

#endif
