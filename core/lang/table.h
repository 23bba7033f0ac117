// A table as the library holds it. The query compiler and the DDL read its
// fields directly; nothing in it changes after dbc_table_new().
#ifndef DBC_LANG_TABLE_H
#define DBC_LANG_TABLE_H

#include <stddef.h>

#include "arena.h"
#include "counted.h"
#include "dbcore.h"
#include "error.h"
#include "lookup.h"

// A foreign key, whether a column's own or the table's.
typedef struct dbc__foreign_key {
    const dbc_foreign_key_def *def;
    const dbc_column *const *columns; // of this table
    size_t count;
} dbc__foreign_key;

struct dbc_table {
    dbc__counted counted;
    dbc__arena arena;  // everything below lives in it
    dbc_table_def def; // copied whole
    size_t name_len;
    const char *sql_name; // prefix and name
    size_t sql_name_len;
    dbc_column *columns; // as many as in `def`
    dbc__lookup names;   // of the columns
    const dbc_column **key;
    size_t key_count;
    const dbc_column *rowid_alias;  // the INTEGER PRIMARY KEY, or NULL
    dbc__foreign_key *foreign_keys; // the columns' own first
    size_t foreign_key_count;
    const dbc_column *fts[DBC_FTS_WHOLE + 1]; // of an index; else NULL
};

// The column `name`, as dbc_table_find(), for a `user` within the table's own
// description: `index "i"`. Returns DBC_OK or DBC_ESCHEMA.
int dbc__table_need(const dbc_column **out, const dbc_table *table,
                    const char *name, const char *user, dbc_error *err);

// Whether an insert may take rows away that were there: a constraint of the
// table says REPLACE.
int dbc__table_replaces_rows(const dbc_table_def *def);

#endif
