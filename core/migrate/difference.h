// What differs between two catalogs, in words.
#ifndef DBC_MIGRATE_DIFFERENCE_H
#define DBC_MIGRATE_DIFFERENCE_H

#include "plan.h"

// Lists all differences; `p->now` stands behind the renames.
int dbc__difference_list(dbc__planner *p);

#endif
