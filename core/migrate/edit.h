// Changing the text of a CREATE TABLE in one place. What is not changed keeps
// its letters.
#ifndef DBC_MIGRATE_EDIT_H
#define DBC_MIGRATE_EDIT_H

#include "parse.h"

// All of them add the new text of the table `sql` of the given shape to `out`.
void dbc__edit_add_column(dbc_buf *out, const char *sql,
                          const dbc__shape *shape, const char *definition);
void dbc__edit_drop_column(dbc_buf *out, const char *sql,
                           const dbc__shape *shape, const dbc__column *column);
void dbc__edit_change_column(dbc_buf *out, const char *sql,
                             const dbc__column *column, const char *definition);
void dbc__edit_add_constraint(dbc_buf *out, const char *sql,
                              const dbc__shape *shape, const char *definition);
// `clause` is one of the table or of a column; NULL `definition` drops it.
void dbc__edit_constraint(dbc_buf *out, const char *sql,
                          const dbc__clause *clause, const char *definition);
void dbc__edit_options(dbc_buf *out, const char *sql, const dbc__shape *shape,
                       const char *options);

#endif
