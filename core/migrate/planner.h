// The order of a plan, from both catalogs to the last step.
#ifndef DBC_MIGRATE_PLANNER_H
#define DBC_MIGRATE_PLANNER_H

#include "plan.h"

// Adds differences and steps, and proves that they arrive.
int dbc__planner_run(dbc__planner *p);

// The same as dbc_plan_new() for an alteration: what was given along with it
// is meant, also where nothing differs.
int dbc__plan_alteration(dbc_plan **out, dbc_conn *conn,
                         const dbc_catalog *target,
                         const dbc_plan_options *options);

#endif
