// Looking at rows, so that what they do not allow is refused before anything
// is written.
#ifndef DBC_MIGRATE_PROBE_H
#define DBC_MIGRATE_PROBE_H

#include "plan.h"

// Adds the findings about rows; `p->now` stands behind the renames and the
// matches know which tables are rebuilt. Without rows to look at, findings
// have no counts.
int dbc__probe(dbc__planner *p);

#endif
