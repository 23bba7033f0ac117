// Inside an alteration: what its parts share. A failure is kept in it, and
// after the first one nothing is done any more.
#ifndef DBC_MIGRATE_ALTERATION_H
#define DBC_MIGRATE_ALTERATION_H

#include "catalog.h"
#include "plan.h"
#include "scratch.h"

struct dbc_alteration {
    const dbc_alloc *alloc; // borrowed
    dbc_conn *conn;         // borrowed
    dbc__arena arena;
    dbc__scratch scratch;
    dbc_catalog *base; // owned; what it began with
    dbc__list hints;   // dbc_hint
    // A table whose text is being changed: several edits in a row may make
    // sense only together, so it is made anew when something else is touched.
    dbc__object pending; // its name is NULL when there is none
    dbc_error error;     // the first failure
};

// What is done to which object, for an error.
typedef struct dbc__doing {
    const char *what; // "change table"
    const char *name;
} dbc__doing;

int dbc__alteration_failed(const dbc_alteration *a);
void dbc__alteration_nomem(dbc_alteration *a);

// There is no such thing; `nearest` may be NULL.
void dbc__alteration_refuse(dbc_alteration *a, const char *what,
                            const char *name, const char *nearest);

// Keeps what the engine said, behind what it was about.
void dbc__alteration_keep(dbc_alteration *a, int rc, dbc__doing about);

// What there is by now, with all edits done. NULL when something failed.
dbc_catalog *dbc__alteration_look(dbc_alteration *a);

// Finds it, or refuses with the nearest name and returns NULL.
const dbc__object *dbc__alteration_need(dbc_alteration *a,
                                        const dbc_catalog *catalog,
                                        dbc_object_kind kind, const char *name);
const dbc__column *dbc__alteration_need_column(dbc_alteration *a,
                                               const dbc__object *table,
                                               const char *name);

// Runs a text on the scratch database; a buffer is empty afterwards.
void dbc__alteration_run(dbc_alteration *a, const char *sql, size_t len,
                         dbc__doing about);
void dbc__alteration_run_buf(dbc_alteration *a, dbc_buf *sql, dbc__doing about);
void dbc__alteration_drop_object(dbc_alteration *a, dbc_buf *sql,
                                 const dbc_object *object);

// Adds a quoted name.
void dbc__alteration_add_name(dbc_alteration *a, dbc_buf *sql,
                              const char *name);

// A copy that lives as long as the alteration. NULL stays NULL.
const char *dbc__alteration_copy(dbc_alteration *a, const char *text);

// What was asked for by name needs no other consent; what was made by this
// alteration needs none at all. NULL `column`: the table.
void dbc__alteration_allow_loss(dbc_alteration *a, const char *table,
                                const char *column);

#endif
