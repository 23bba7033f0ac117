// Carrying a plan out as a part of something larger.
#ifndef DBC_MIGRATE_APPLY_H
#define DBC_MIGRATE_APPLY_H

#include "plan.h"

// What is asked of foreign keys when the plan is done. Where it is a part, the
// tables they lead to may come, or they may go, with another one.
typedef enum dbc__apply_keys {
    DBC__APPLY_CHECKS_KEYS, // that they lead to keys, and rows have parents
    DBC__APPLY_COUNTS_KEYS, // that rows have parents
    DBC__APPLY_LEAVES_KEYS  // nothing: the caller looks at all tables
} dbc__apply_keys;

// dbc_plan_apply() with that choice.
int dbc__plan_apply(dbc_plan *plan, dbc_conn *conn,
                    const dbc_apply_options *options, dbc__apply_keys keys);

#endif
