/**
 * dbcore: from one schema to another without losing a row.
 *
 * Read from top to bottom: a *catalog* is what a database holds, as the
 * database itself understands it; a *plan* is the way from one catalog to
 * another, with everything it would lose or trip over; an *alteration* makes
 * a catalog out of another one by single changes.
 *
 * Catalogs, plans and alterations are values: they hold no lock, and may
 * outlive the connection they were made with. What fails leaves its error on
 * the connection that the call was given, as everywhere.
 *
 * dbcore.h includes this header.
 */
/* Before the guard: dbcore.h includes this header where it belongs, also when
   a program begins with this one. */
#include "dbcore.h"

#ifndef DBCORE_MIGRATE_H
#define DBCORE_MIGRATE_H

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------- catalogs */

/** Everything a database holds. Immutable; owned by whoever made it. */
typedef struct dbc_catalog dbc_catalog;

/** What kind of object it is. */
typedef enum dbc_object_kind {
    DBC_OBJECT_TABLE,
    DBC_OBJECT_VIRTUAL, /* CREATE VIRTUAL TABLE; its shadows are not listed */
    DBC_OBJECT_INDEX,   /* CREATE INDEX; those of constraints are not listed */
    DBC_OBJECT_TRIGGER,
    DBC_OBJECT_VIEW
} dbc_object_kind;

/** One object. The texts belong to the catalog. */
typedef struct dbc_object {
    dbc_object_kind kind;
    const char *name;
    const char *table; /* that an index or a trigger is of, else its name */
    const char *sql;   /* as it was written */
    /**
     * A table in the words of a schema, or NULL: of another kind, or holding
     * something that a description cannot say.
     */
    const dbc_table *description;
} dbc_object;

/**
 * Reads what is in the database of `conn`, within the transaction that is open
 * or else in one of its own. Internal tables, shadow tables and statistics
 * are left out.
 *
 * Returns DBC_OK; DBC_ENOMEM; what reading may return. The caller owns `*out`.
 */
DBC_API int dbc_catalog_read(dbc_catalog **out, dbc_conn *conn);

/**
 * The catalog that CREATE statements make: they are run in a scratch database
 * in memory that has the functions and collations of `conn`, which is not
 * touched. Statements that change no schema are refused (DBC_EINVALID).
 */
DBC_API int dbc_catalog_of_sql(dbc_catalog **out, const char *sql, size_t len,
                               dbc_conn *conn);

/** The same of a described schema. */
DBC_API int dbc_catalog_of_schema(dbc_catalog **out, const dbc_schema *schema,
                                  dbc_conn *conn);

/** Ends a catalog. NULL is allowed. */
DBC_API void dbc_catalog_free(dbc_catalog *catalog);

/** Tables first, then the others, each kind in the order of creation. */
DBC_API size_t dbc_catalog_count(const dbc_catalog *catalog);
/** Object `i` from 0. Good as long as the catalog. */
DBC_API const dbc_object *dbc_catalog_object(const dbc_catalog *catalog,
                                             size_t i);
/** NULL when there is none. Names are compared as the database does it. */
DBC_API const dbc_object *dbc_catalog_find(const dbc_catalog *catalog,
                                           dbc_object_kind kind,
                                           const char *name);

/** SHA-256 over the canonical form: 64 hexadecimal digits. Static in it. */
DBC_API const char *dbc_catalog_fingerprint(const dbc_catalog *catalog);

/* -------------------------------------------------------------------- plans */

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

/** One thing that the plan does, in the order in which it is done. */
enum {
    DBC_STEP_REBUILDS = 1 << 0, /* copies a table */
    DBC_STEP_LOSES = 1 << 1,    /* what it removes is gone */
    DBC_STEP_DATA = 1 << 2      /* changes rows */
};

/** One step of a plan. */
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
    const char *fix;            /* what to type or write to mend it, or "" */
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

/** The same between two catalogs, without any rows to look at. */
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
    int64_t rows_total; /* of the table that is copied, or 0: not known */
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

/* -------------------------------------------------------------- alterations */

/**
 * A catalog that is changed step by step, with the hints that its plan will
 * need. Sticky: the first failure is kept and reported by
 * dbc_alteration_plan(). Definitions are SQL, as they stand in CREATE TABLE.
 */
typedef struct dbc_alteration dbc_alteration;

/** Begins an alteration of what `conn` holds. Nothing is done yet. */
DBC_API int dbc_alteration_new(dbc_alteration **out, dbc_conn *conn);
/** Ends one, done or not. NULL is allowed. */
DBC_API void dbc_alteration_free(dbc_alteration *alteration);

/** A CREATE statement; one of an object that exists replaces it. */
DBC_API void dbc_alter_define(dbc_alteration *a, const char *sql, size_t len);
/** Drops a table, index, view or trigger. */
DBC_API void dbc_alter_drop(dbc_alteration *a, dbc_object_kind kind,
                            const char *name);
/** Renames a table, and what refers to it. */
DBC_API void dbc_alter_rename_table(dbc_alteration *a, const char *table,
                                    const char *to);
/** Adds a column, which `definition` says in SQL. */
DBC_API void dbc_alter_add_column(dbc_alteration *a, const char *table,
                                  const char *definition);
/** Drops a column with its values. */
DBC_API void dbc_alter_drop_column(dbc_alteration *a, const char *table,
                                   const char *column);
/** Renames a column, and what refers to it. */
DBC_API void dbc_alter_rename_column(dbc_alteration *a, const char *table,
                                     const char *column, const char *to);
/** `definition` begins with the column's name. */
DBC_API void dbc_alter_change_column(dbc_alteration *a, const char *table,
                                     const char *definition);
/** A table constraint; one of the same name is replaced. */
DBC_API void dbc_alter_add_constraint(dbc_alteration *a, const char *table,
                                      const char *definition);
/** Drops the constraint of that name. */
DBC_API void dbc_alter_drop_constraint(dbc_alteration *a, const char *table,
                                       const char *name);
/** "STRICT", "WITHOUT ROWID", both, or "" for neither. */
DBC_API void dbc_alter_options(dbc_alteration *a, const char *table,
                               const char *options);
/** Answers a question beforehand, as for a plan. */
DBC_API void dbc_alter_hint(dbc_alteration *a, const dbc_hint *hint);

/** The plan of all changes, or the first failure. */
DBC_API int dbc_alteration_plan(dbc_plan **out, dbc_alteration *a);

#ifdef __cplusplus
}
#endif

#endif
