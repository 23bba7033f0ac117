// The function dbc_require(condition, message): 1 when the condition is true,
// else the statement fails with the message and is undone. Policies check the
// rows of a write with it.
#ifndef DBC_SQLITE_REQUIRE_H
#define DBC_SQLITE_REQUIRE_H

#include <sqlite3.h>

// Makes dbc_require() known to `handle`. Returns SQLite's result code.
int dbc__sqlite_require_register(sqlite3 *handle);

#endif
