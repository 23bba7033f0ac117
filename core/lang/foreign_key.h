// Foreign keys of a table, its columns' own and its own alike.
#ifndef DBC_LANG_FOREIGN_KEY_H
#define DBC_LANG_FOREIGN_KEY_H

#include "table.h"

// What the table itself can tell: columns, actions, numbers that pair.
// DBC_OK, or DBC_ESCHEMA with a message that does not name the table.
int dbc__foreign_key_check(const dbc_table *table, dbc_error *err);

// The columns of `target` that `key` points to, key->count of them: in
// `target` or in the arena. DBC_OK; DBC_ENOMEM; DBC_ESCHEMA as above.
int dbc__foreign_key_resolve(const dbc_column *const **out,
                             const dbc__foreign_key *key,
                             const dbc_table *target, dbc__arena *arena,
                             dbc_error *err);

// Whether `columns` (in any order) are the table's primary key, or unique by a
// constraint or a whole index with the columns' own collations: what a foreign
// key may point to.
int dbc__foreign_key_is_target(const dbc_table *table,
                               const dbc_column *const *columns, size_t count);

#endif
