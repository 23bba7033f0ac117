// The pragmas that a host gives when it opens a database.
#ifndef DBC_SQLITE_PRAGMA_H
#define DBC_SQLITE_PRAGMA_H

#include "db.h"

// Checks names and values without touching any file.
int dbc__sqlite_pragma_check(const dbc_open_options *open, dbc_error *err);

// Runs those that only work before a database has its first page.
int dbc__sqlite_pragma_create(dbc__sqlite *db, const dbc_open_options *open,
                              dbc_error *err);

// Runs all others, in order.
int dbc__sqlite_pragma_run(dbc__sqlite *db, const dbc_open_options *open,
                           dbc_error *err);

// Whether one of that name is among them.
int dbc__sqlite_pragma_given(const dbc_open_options *open, const char *name);

#endif
