// Expressions that a person gave for the columns of a copy.
#ifndef DBC_MIGRATE_EXPRESSION_H
#define DBC_MIGRATE_EXPRESSION_H

#include "plan.h"

// Refuses those for the table of `match` that cannot be used, while the
// scratch database has the table that they are read from.
int dbc__expression_check(dbc__planner *p, const dbc__match *match);

// Whether one was given, this one time, for a column that the table has
// already, or stands in the schema for one that is renamed: then a copy is
// asked for, also where the engine could do without.
int dbc__expression_asks_copy(const dbc__planner *p, const dbc__match *match);

// Whether column `i` of the table as it is wanted gets another name.
int dbc__expression_is_for_rename(const dbc__match *match, size_t i);

// Refuses those that were given and that nothing would be done with.
int dbc__expression_refuse_idle(dbc__planner *p);

#endif
