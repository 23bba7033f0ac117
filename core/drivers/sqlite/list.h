// The table-valued function dbc_list(?): a bound DBC_LIST as rows of one
// column, `value`. A list of any length is one parameter this way, so the
// text of `x IN (SELECT value FROM dbc_list(?1))` never changes.
#ifndef DBC_SQLITE_LIST_H
#define DBC_SQLITE_LIST_H

#include <sqlite3.h>

#include "dbcore.h"

// Makes dbc_list() known to `handle`. Returns SQLite's result code.
int dbc__sqlite_list_register(sqlite3 *handle);

// Binds `list`, a DBC_LIST that must stay where it is as long as it is bound.
// Returns SQLite's result code.
int dbc__sqlite_list_bind(sqlite3_stmt *stmt, int parameter,
                          const dbc_value *list);

// The result of a function or a column: `value`, whose text and blob are good
// as `lifetime` says (SQLITE_STATIC or SQLITE_TRANSIENT).
void dbc__sqlite_result(sqlite3_context *context, const dbc_value *value,
                        sqlite3_destructor_type lifetime);

#endif
