// What ALTER TABLE can do by itself: columns that come last, columns that go.
#ifndef DBC_MIGRATE_ALTER_H
#define DBC_MIGRATE_ALTER_H

#include "plan.h"

// Tries on the scratch database whether adding and dropping columns makes
// `now` what `match` wants: 1 and the statements are in `match`, 0 when it
// has to be rebuilt, or an error. Everything is undone again.
int dbc__alter_try(dbc__planner *p, dbc__match *match, const dbc__object *now);

// Adds the steps of `match->adds` or `match->drops`.
int dbc__alter_steps(dbc__planner *p, const dbc__match *match,
                     const dbc__list *statements, unsigned flags);

// For a table that will be rebuilt behind a data step: adds its new columns
// bare, so that the data step can fill them.
int dbc__alter_add_bare(dbc__planner *p, const dbc__match *match,
                        const dbc__object *now);

#endif
