// A database in memory on which schemas are tried out. What the host has made
// known on the real connection (functions, collations) stands there as an
// empty stand-in, since no row is ever seen; a virtual table of a module that
// only the host has is remembered as a ghost.
#ifndef DBC_MIGRATE_SCRATCH_H
#define DBC_MIGRATE_SCRATCH_H

#include "conn.h"
#include "stand_in.h"
#include "token.h"

typedef struct dbc__scratch {
    dbc_conn *conn; // owned
    dbc_conn *like; // borrowed; keeps the errors, too
    dbc__arena arena;
    const char **ghosts; // NULL ends them
    size_t ghost_count, ghost_cap;
    dbc__lack *lent; // stand-ins for any use
    size_t lent_count, lent_cap;
} dbc__scratch;

// Whether something that `like` does not know either is put up with: yes for
// what stands in a file, no for what is wanted.
typedef enum dbc__scratch_trust {
    DBC__SCRATCH_ALL,
    DBC__SCRATCH_KNOWN
} dbc__scratch_trust;

int dbc__scratch_open(dbc__scratch *out, dbc_conn *like);
void dbc__scratch_close(dbc__scratch *scratch);

// Runs one or several statements. A failure is left on `like`.
int dbc__scratch_run(dbc__scratch *scratch, const char *sql, size_t len,
                     dbc__scratch_trust trust);

// The first of them; `*used` is how much of the text it is.
int dbc__scratch_run_one(size_t *used, dbc__scratch *scratch, const char *sql,
                         size_t len, dbc__scratch_trust trust);

// What the library itself says to it: BEGIN, SAVEPOINT, …
int dbc__scratch_exec(dbc__scratch *scratch, const char *sql);

// When the last failure on the scratch database is that it lacks a function or
// a collation: makes it known, and returns 1. 0 when that cannot be mended, or
// an error, left on `like`.
int dbc__scratch_mend(dbc__scratch *scratch, dbc__scratch_trust trust);

// Takes away what was put up with under DBC__SCRATCH_ALL: from here on what
// needs it fails as it would on the real connection.
int dbc__scratch_forget(dbc__scratch *scratch);

// Remembers a CREATE statement that cannot be run here.
int dbc__scratch_add_ghost(dbc__scratch *scratch, const char *sql);

// The CREATE statement of the ghost of that name, or NULL.
const char *dbc__scratch_ghost(const dbc__scratch *scratch, const char *name);

// The ghost is gone, as after a DROP.
void dbc__scratch_drop_ghost(dbc__scratch *scratch, const char *sql);

// One CREATE statement that stands in a file: what cannot be made here
// becomes a ghost.
int dbc__scratch_copy(dbc__scratch *scratch, const char *sql);

#endif
