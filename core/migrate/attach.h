// What hangs on tables: indexes, triggers, and views over them.
#ifndef DBC_MIGRATE_ATTACH_H
#define DBC_MIGRATE_ATTACH_H

#include "plan.h"

typedef enum dbc__attach_extent {
    DBC__ATTACH_CHANGED, // what goes or is another one
    DBC__ATTACH_ALL
} dbc__attach_extent;

// Takes views (and triggers, when all of them) out of the way.
int dbc__attach_clear(dbc__planner *p, dbc__attach_extent extent);

// Drops indexes that go or are other ones.
int dbc__attach_drop_indexes(dbc__planner *p);

// Creates what is missing in the scratch database; `p->now` is read anew.
int dbc__attach_indexes(dbc__planner *p);
int dbc__attach_views(dbc__planner *p);
int dbc__attach_triggers(dbc__planner *p);

// Whether the object belongs to a table that is ignored.
int dbc__attach_is_ignored(const dbc__planner *p, const dbc__object *object);

#endif
