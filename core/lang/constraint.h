// What a table has beyond its single columns: keys, uniqueness, indexes,
// checks, triggers, and names that must not collide.
#ifndef DBC_LANG_CONSTRAINT_H
#define DBC_LANG_CONSTRAINT_H

#include "dbcore.h"

// DBC_OK, or DBC_ESCHEMA with a message that names the part, not the table.
// The table's columns and key are resolved by then.
int dbc__constraint_check(const dbc_table *table, dbc_error *err);

// Whether every one of `names` is a column and none is there twice. `user`
// says whose they are: `index "i"`.
int dbc__constraint_columns(const dbc_table *table, const dbc_names *names,
                            const char *user, dbc_error *err);

#endif
