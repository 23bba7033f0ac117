// Copying a table into its new form: what ALTER TABLE cannot do.
#ifndef DBC_MIGRATE_REBUILD_H
#define DBC_MIGRATE_REBUILD_H

#include "plan.h"

// Adds the steps for one table; `now` is the table as it is after the renames.
// Its indexes and triggers go with the old one.
int dbc__rebuild(dbc__planner *p, dbc__match *match, const dbc__object *now);

// Copies a table whose columns stay as they are into the form of `to`.
int dbc__rebuild_as_is(dbc__planner *p, const dbc__object *now,
                       const dbc__object *to, const char *reason);

// The same as dbc__rebuild() for a virtual table.
int dbc__rebuild_virtual(dbc__planner *p, dbc__match *match,
                         const dbc__object *now);

// Fills full-text indexes that are new, were made anew, or whose text the plan
// has changed, from the tables and views they cover: those have to be there.
int dbc__rebuild_fill(dbc__planner *p);

// Writes the expression that fills column `i` of the new table to `p->sql`, or
// nothing and returns 0 when the column is left to its default.
int dbc__rebuild_expression(dbc__planner *p, const dbc__match *match,
                            const dbc__shape *now, size_t i);

// Adds the value that DEFAULT gives to `p->sql`.
void dbc__rebuild_default(dbc__planner *p, const dbc__column *column);

// The name by which the rowid of a table can be reached, or NULL.
const char *dbc__rebuild_rowid(const dbc__shape *shape);

#endif
