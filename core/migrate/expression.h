// Expressions that a person gave for the columns of a copy.
#ifndef DBC_MIGRATE_EXPRESSION_H
#define DBC_MIGRATE_EXPRESSION_H

#include "plan.h"

// Refuses those for the table of `match` that cannot be used, while the
// scratch database has the table that they are read from.
int dbc__expression_check(dbc__planner *p, const dbc__match *match);

// Whether one was given, this one time, for a column that the table has
// already: then a copy is asked for, also where the engine could do without.
int dbc__expression_asks_copy(const dbc__planner *p, const dbc__match *match);

#endif
