// Carrying a plan out as a part of something larger.
#ifndef DBC_MIGRATE_APPLY_H
#define DBC_MIGRATE_APPLY_H

#include "plan.h"

// Who looks for rows without a parent when the plan is done.
typedef enum dbc__apply_keys {
    DBC__APPLY_CHECKS_KEYS, // it does
    DBC__APPLY_LEAVES_KEYS  // the caller does, of all tables
} dbc__apply_keys;

// dbc_plan_apply() with that choice.
int dbc__plan_apply(dbc_plan *plan, dbc_conn *conn,
                    const dbc_apply_options *options, dbc__apply_keys keys);

#endif
