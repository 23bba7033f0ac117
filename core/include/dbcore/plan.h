/**
 * A *plan* is the way from one catalog to another without losing a row, with
 * everything it would lose or trip over. It is a value until it is applied.
 */
#ifndef DBCORE_PLAN_H
#define DBCORE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "conn.h"
#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What only a person can know about a change. */
typedef enum dbc_hint_kind {
    DBC_HINT_RENAME_TABLE,  /* `table` is the old name, `value` the new */
    DBC_HINT_RENAME_COLUMN, /* `table`.`name` becomes `value` */
    DBC_HINT_RENAME_INDEX,  /* `name` becomes `value` */
    DBC_HINT_BACKFILL,      /* `value`: an expression for rows without one */
    DBC_HINT_COPY,          /* `value`: an expression over the old row */
    DBC_HINT_DATA,          /* `value`: a statement, run between the additive
                                 and the destructive part */
    DBC_HINT_IGNORE,        /* `table` is left as it is */
    DBC_HINT_ALLOW_LOSS     /* of `table`.`name`, of all of `table` without
                                 a name, of everything without a table */
} dbc_hint_kind;

/** An answer to a question that a plan would ask. */
typedef struct dbc_hint {
    dbc_hint_kind kind;
    const char *table, *name, *value; /* NULL where the kind needs none */
} dbc_hint;

/** What differs, in the order in which it is told. */
typedef enum dbc_difference_kind {
    DBC_TABLE_ADDED,
    DBC_TABLE_DROPPED,
    DBC_TABLE_RENAMED,
    DBC_TABLE_CHANGED, /* constraints or options; columns follow one by one */
    DBC_COLUMN_ADDED,
    DBC_COLUMN_DROPPED,
    DBC_COLUMN_RENAMED,
    DBC_COLUMN_CHANGED,
    DBC_COLUMNS_REORDERED,
    DBC_INDEX_ADDED,
    DBC_INDEX_DROPPED,
    DBC_INDEX_RENAMED,
    DBC_INDEX_CHANGED,
    DBC_TRIGGER_ADDED,
    DBC_TRIGGER_DROPPED,
    DBC_TRIGGER_CHANGED,
    DBC_VIEW_ADDED,
    DBC_VIEW_DROPPED,
    DBC_VIEW_CHANGED
} dbc_difference_kind;

/** One thing that is to become another. */
typedef struct dbc_difference {
    dbc_difference_kind kind;
    const char *table;    /* its name afterwards */
    const char *name;     /* of the column, index, trigger or view, or NULL */
    const char *old_name; /* of what was renamed, else NULL */
    const char *words;    /* 'column "age" of "users" becomes NOT NULL' */
} dbc_difference;

/** What a step does. */
enum {
    DBC_STEP_REBUILDS = 1 << 0, /* copies a table */
    DBC_STEP_LOSES = 1 << 1,    /* what it removes is gone */
    DBC_STEP_DATA = 1 << 2      /* changes rows */
};

/** One thing that a plan does, in the order in which it is done. */
typedef struct dbc_step {
    const char *table;  /* that it works on, or "" */
    const char *sql;    /* one or several statements, as they will be run */
    const char *reason; /* why, in words */
    unsigned flags;     /* DBC_STEP_… */
} dbc_step;

/** How much a finding weighs: a refusal is in the way. */
typedef enum dbc_level { DBC_NOTE, DBC_WARNING, DBC_REFUSAL } dbc_level;

/** What was noticed about a plan, a schema or a history. */
typedef struct dbc_finding {
    const char *code; /* "D1", "F2", …: the README lists them */
    dbc_level level;
    const char *table, *column; /* or "" */
    int64_t count;              /* of rows concerned, or -1 */
    const char *message;        /* one line, with an example where it helps */
    const char *fix;            /* how to mend it, in words, or "" */
    /**
     * Hints each of which would settle it, the likeliest first: what to ask a
     * person. One that needs an expression has no `value`: that is the answer.
     * None where only the schema or the rows can be mended.
     */
    const dbc_hint *answers;
    size_t answer_count;
} dbc_finding;

/** The way from one catalog to another. Immutable. */
typedef struct dbc_plan dbc_plan;

/** What is known beforehand. Zero means the default everywhere. */
typedef struct dbc_plan_options {
    const dbc_hint *hints;
    size_t hint_count;
    int without_probe; /* do not look at rows: no counts, no refusals by data */
} dbc_plan_options;

/**
 * Plans the way from what `conn` holds to `target`, and proves in memory that
 * it arrives there. Writes nothing. A plan that would lose or break something
 * without a hint is made all the same and holds refusals.
 *
 * Returns DBC_OK; DBC_EREFUSED when it cannot be planned at all, and for a
 * hint that names nothing or holds a broken expression; DBC_ENOMEM; what
 * reading may return.
 */
DBC_API int dbc_plan_new(dbc_plan **out, dbc_conn *conn,
                         const dbc_catalog *target,
                         const dbc_plan_options *options);

/**
 * The same between two catalogs, without any rows to look at. `like` lends its
 * functions, its collations and the place for an error.
 */
DBC_API int dbc_plan_between(dbc_plan **out, const dbc_catalog *from,
                             const dbc_catalog *to,
                             const dbc_plan_options *options, dbc_conn *like);
/** Ends a plan. NULL is allowed. */
DBC_API void dbc_plan_free(dbc_plan *plan);

/** How many differences the plan bridges. */
DBC_API size_t dbc_plan_difference_count(const dbc_plan *plan);
/** Number `i` of them from 0. Good as long as the plan. */
DBC_API const dbc_difference *dbc_plan_difference(const dbc_plan *plan,
                                                  size_t i);
/** How many steps it takes. */
DBC_API size_t dbc_plan_step_count(const dbc_plan *plan);
/** Number `i` of them from 0. Good as long as the plan. */
DBC_API const dbc_step *dbc_plan_step(const dbc_plan *plan, size_t i);
/** How many findings there are about it. */
DBC_API size_t dbc_plan_finding_count(const dbc_plan *plan);
/** Number `i` of them from 0. Good as long as the plan. */
DBC_API const dbc_finding *dbc_plan_finding(const dbc_plan *plan, size_t i);

/**
 * Everything that applying it runs, as one text, settings and transaction
 * included: run by hand, it makes the same file. It belongs to the plan.
 */
DBC_API const char *dbc_plan_script(const dbc_plan *plan);

/**
 * How far a run is: told when a step begins, a few times a second while it
 * runs, and when all rows are copied. Returning other than 0 stops it;
 * everything is undone. The connection must not be used meanwhile.
 */
typedef struct dbc_progress_info {
    const char *what;   /* the reason of the step, or the migration */
    size_t step, steps; /* from 1 */
    int64_t rows;       /* read so far from the table that is copied, or from
                           those that a statement reads as a whole */
    int64_t rows_total; /* of the table that is copied, or that an index is
                           built over: of these `rows` are told at the end.
                           0: not known */
} dbc_progress_info;

/** How a plan is carried out. Zero means the default everywhere. */
typedef struct dbc_apply_options {
    int (*progress)(void *ud, const dbc_progress_info *info);
    void *ud;
    const char *backup; /* a file to write before anything else, or NULL */
} dbc_apply_options;

/**
 * Carries a plan out: in one transaction, verified before its commit, with
 * every setting of the connection as it was afterwards, whatever happened. In
 * a transaction of the caller it is a savepoint of that; then foreign keys must
 * be off already when a table is copied or dropped.
 *
 * Returns DBC_OK; DBC_EREFUSED for a plan with refusals (the first one is the
 * error) or within a transaction that forbids a rebuild; DBC_EDRIFT when the
 * database is no longer what was planned for; DBC_EINTERRUPTED; what writing
 * may return. After a failure the database is as it was. DBC_EBROKEN is the
 * exception: the plan may be carried out, but the settings of the connection
 * could not be put back, so it is to be closed.
 */
DBC_API int dbc_plan_apply(dbc_plan *plan, dbc_conn *conn,
                           const dbc_apply_options *options);

#ifdef __cplusplus
}
#endif

#endif
