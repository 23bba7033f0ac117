// What ANALYZE found out about a table, kept while the table is made anew.
#ifndef DBC_MIGRATE_STATISTICS_H
#define DBC_MIGRATE_STATISTICS_H

#include "plan.h"

// They go by the name of their table: dropping that would take them along.
int dbc__statistics_move(dbc__planner *p, const char *from, const char *to);

// Forgets those of indexes that are no more.
int dbc__statistics_tidy(dbc__planner *p);

#endif
