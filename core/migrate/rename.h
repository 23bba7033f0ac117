// Renaming in the engine's own way, which changes every text that refers to
// the name. Views and triggers must be gone by then: one that is broken would
// stop it.
#ifndef DBC_MIGRATE_RENAME_H
#define DBC_MIGRATE_RENAME_H

#include "plan.h"

// Adds the steps for tables, then those for columns.
int dbc__rename_all(dbc__planner *p);

#endif
