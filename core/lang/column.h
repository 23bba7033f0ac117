// One column of a table: how it is named in messages, and whether its
// description holds together.
#ifndef DBC_LANG_COLUMN_H
#define DBC_LANG_COLUMN_H

#include "dbcore.h"
#include "error.h"

// DBC_OK, or DBC_ESCHEMA with a message that names the column, not the table.
// Needs the column's name and its table's kind and flags.
int dbc__column_check(const dbc_column *column, dbc_error *err);

// Whether SQLite stores it as INTEGER by that very name, which makes a single
// primary key the rowid.
int dbc__column_is_integer(const dbc_column_def *def);

// A column as messages name it: "users.age", in quotes. Returns out->text.
const char *dbc__column_quote(dbc__quoted *out, const dbc_column *column);

// Writes table and column into the fields of `err`, which may be NULL.
void dbc__column_blame(dbc_error *err, const dbc_column *column);

#endif
