// A plan: what differs, what is done about it in which order, and what was
// noticed on the way. It is made by a planner, which holds what is needed
// while planning: both catalogs, and a scratch database that begins as the one
// and has to end as the other, because every step is run on it as it is added.
#ifndef DBC_MIGRATE_PLAN_H
#define DBC_MIGRATE_PLAN_H

#include "catalog.h"
#include "scratch.h"

typedef struct dbc__step {
    dbc_step own;        // first: what others see
    const char *counted; // a table whose rows must be as many afterwards, …
    const char *as;      // … under this name; or NULL
    const char *read;    // a table all of whose rows it reads, or NULL
} dbc__step;

typedef struct dbc__list {
    void *items;
    size_t count, cap;
} dbc__list;

struct dbc_plan {
    const dbc_alloc *alloc; // borrowed
    dbc__arena arena;
    dbc__list differences, steps, findings;
    char basis[DBC__FINGERPRINT_SIZE], target[DBC__FINGERPRINT_SIZE];
    int needs_no_keys; // drops a table: foreign keys must be off
    int renames;       // in the engine's own way: TEMP objects are in the way
    int has_data;
    const char *script; // never NULL once it is made
    dbc__list children; // dbc__child
    dbc__list touched;  // const char *: tables that change, both names
};

// A table whose foreign keys are counted before and behind.
typedef struct dbc__child {
    const char *before; // NULL: it is new
    const char *after;
    int64_t violations; // before; -1: they could not be counted
} dbc__child;

// One table on its way, or one that comes or goes.
typedef struct dbc__match {
    const dbc__object *from, *to; // one of them may be NULL
    const dbc__column **source;   // of each column of `to`, or NULL
    const dbc__column **kept;     // of each column of `from`, or NULL
    const char *current;          // its name by now
    int rebuilt;                  // found out while planning
    dbc__list adds, drops;        // statements in the engine's own way
} dbc__match;

typedef struct dbc__planner {
    dbc_plan *plan;
    dbc_conn *conn; // the real one, for errors and rows
    const dbc_catalog *from, *to;
    dbc_catalog *now; // owned; the scratch database after the renames
    dbc__scratch scratch;
    dbc_hint *hints; // the caller's, then those of the schema
    size_t hint_count, given_count;
    dbc__match *matches;
    size_t match_count;
    int probes; // whether rows are looked at
    int has_renames;
    int is_alteration; // what is given is meant, also where nothing differs
    dbc__list broken;  // dbc__broken: views and triggers that never worked
    dbc_buf sql;
} dbc__planner;

// Makes room for one more item of `size` bytes and returns it, zeroed. NULL
// when memory is out.
void *dbc__list_add(dbc__list *list, dbc__arena *arena, size_t size);

// Printf into the arena of the plan. NULL when memory is out.
const char *dbc__plan_text(dbc__planner *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

int dbc__plan_difference(dbc__planner *p, dbc_difference_kind kind,
                         const char *table, const char *name,
                         const char *old_name, const char *words);

// Adds a step with the text that was gathered in `p->sql`, which is empty
// afterwards, and runs it on the scratch database. Returns the step through
// `out` (may be NULL).
int dbc__plan_step(dbc__step **out, dbc__planner *p, const char *table,
                   unsigned flags, const char *reason);

// The step is to leave as many rows in `table`, which is called `as` then.
int dbc__plan_count_rows(dbc__planner *p, dbc__step *step, const char *table,
                         const char *as);

// The step reads all rows of `table`: that is told to whoever waits.
int dbc__plan_read_rows(dbc__planner *p, dbc__step *step, const char *table);

// The same for statistics, which a scratch database has not.
int dbc__plan_statistics_step(dbc__planner *p, const char *table,
                              const char *reason);

int dbc__plan_finding(dbc__planner *p, const dbc_finding *finding);

// Reports a failure of the scratch database while planning.
int dbc__plan_nomem(dbc__planner *p);

// Adds a quoted name to `p->sql`. NULL is one that memory was out for.
void dbc__plan_name(dbc__planner *p, const char *name);
void dbc__plan_add(dbc__planner *p, const char *text);

// Adds a text in single quotes.
void dbc__plan_literal(dbc__planner *p, const char *text);

// Reads the scratch database again into `p->now`.
int dbc__plan_look(dbc__planner *p);

// A name that nothing has, made of `base`. NULL when memory is out.
const char *dbc__plan_free_name(dbc__planner *p, const char *base);

#endif
