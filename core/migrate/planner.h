// The order of a plan, from both catalogs to the last step.
#ifndef DBC_MIGRATE_PLANNER_H
#define DBC_MIGRATE_PLANNER_H

#include "plan.h"

// Adds differences and steps, and proves that they arrive.
int dbc__planner_run(dbc__planner *p);

#endif
