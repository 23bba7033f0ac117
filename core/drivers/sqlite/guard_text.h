// What SQLite's authorizer is not told of a statement, read from its text.
#ifndef DBC_SQLITE_GUARD_TEXT_H
#define DBC_SQLITE_GUARD_TEXT_H

#include <stddef.h>

// Whether a WITH in it may define `name`: then that is not an object of the
// schema.
int dbc__sqlite_text_defines(const char *sql, size_t len, const char *name);

// Whether it may delete rows that stand in the way of others: OR REPLACE.
int dbc__sqlite_text_replaces(const char *sql, size_t len);

#endif
