// Which views, triggers, generated columns and full-text indexes of a database
// cannot work: a plan must not break any, but is not to blame for those that
// were broken before.
#ifndef DBC_MIGRATE_SOUND_H
#define DBC_MIGRATE_SOUND_H

#include "catalog.h"
#include "plan.h"

// One that is broken. Triggers are tried together, by what makes them fire.
typedef struct dbc__broken {
    dbc_object_kind kind; // of the object, or DBC_OBJECT_TRIGGER
    const char *name;     // of it, or what the triggers are of
    const char *event;    // of triggers: "INSERT", "UPDATE" or "DELETE"
    const char *why;      // what the engine says
} dbc__broken;

// Adds the broken ones of `catalog`, which was read from `conn`, to `out`.
// `scratch` is the one that `conn` belongs to, or NULL: there what the real
// connection knows counts as known.
int dbc__sound_find(dbc__list *out, dbc__arena *arena, dbc_conn *conn,
                    dbc__scratch *scratch, const dbc_catalog *catalog);

// The first one of `now` that is not among `before`, or NULL.
const dbc__broken *dbc__sound_new(const dbc__list *now,
                                  const dbc__list *before);

// What makes a trigger fire: "INSERT", "UPDATE" or "DELETE".
const char *dbc__sound_event(const dbc__object *trigger);

#endif
