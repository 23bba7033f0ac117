// What can be noticed without looking at rows.
#ifndef DBC_MIGRATE_FINDING_H
#define DBC_MIGRATE_FINDING_H

#include "plan.h"

// Before the first step and behind the last one; the scratch database is asked
// which views and triggers it breaks.
int dbc__finding_before(dbc__planner *p);
int dbc__finding_after(dbc__planner *p);

#endif
