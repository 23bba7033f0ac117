// One column, one constraint, one list of terms of a CREATE text.
#ifndef DBC_MIGRATE_CLAUSE_H
#define DBC_MIGRATE_CLAUSE_H

#include "parse.h"

// Whether the reader stands on a constraint of the table and not on a column.
int dbc__clause_starts_constraint(const dbc__tokens *tokens);

// The column the reader stands on. DBC_OK or DBC_ENOMEM.
int dbc__clause_column(dbc__column *out, dbc__arena *arena,
                       dbc__tokens *tokens);

// The constraint of a table the reader stands on. NULL when memory is out.
dbc__clause *dbc__clause_of_table(dbc__arena *arena, dbc__tokens *tokens);

// "(a, b COLLATE x DESC, lower(c))". DBC_OK or DBC_ENOMEM.
int dbc__clause_terms(dbc__term **out, size_t *count, dbc__arena *arena,
                      dbc__tokens *tokens);

#endif
