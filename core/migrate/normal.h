// The normal forms of what a CREATE text holds: two that say the same, in
// whatever order and words, have the same one. All are in the arena, and NULL
// when memory is out.
#ifndef DBC_MIGRATE_NORMAL_H
#define DBC_MIGRATE_NORMAL_H

#include "parse.h"

// Of a constraint that is cut into its parts.
const char *dbc__normal_clause(dbc__arena *arena, const dbc__clause *clause);

// Of a column whose constraints have theirs.
const char *dbc__normal_column(const dbc__column *column, dbc__arena *arena);

// Of a whole table: columns in order, constraints sorted.
const char *dbc__normal_shape(const dbc__shape *shape, dbc__arena *arena);

const char *dbc__normal_index(const dbc__index *index, dbc__arena *arena);

#endif
