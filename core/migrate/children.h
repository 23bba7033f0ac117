// Tables whose foreign keys may lead nowhere after a plan: their rows without a
// parent are counted before and behind.
#ifndef DBC_MIGRATE_CHILDREN_H
#define DBC_MIGRATE_CHILDREN_H

#include "plan.h"

// Notes the counts in the plan.
int dbc__children_count(dbc_plan *plan, dbc_conn *conn);

// Refuses when there are more than were noted.
int dbc__children_check(const dbc_plan *plan, dbc_conn *conn);

#endif
