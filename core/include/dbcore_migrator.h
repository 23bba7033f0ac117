/**
 * dbcore: the history of a database, step by step.
 *
 * A *migration* is one step with a version and a name, as SQL text or as
 * functions, with a way back where there is one. A *migrator* is a list of all
 * that a program knows. What a file has been through stands in the file, in
 * its *ledger*, the table "dbcore_migrations"; nobody else sees it as a
 * difference. Both together, with a target, say what is to be done next.
 *
 * Each step and its line in the ledger are one transaction. Whether a step is
 * due is decided when that transaction holds the lock, so that many programs
 * may start at once and each step is done by one of them.
 *
 * dbcore.h includes this header.
 */
/* Before the guard: dbcore.h includes this header where it belongs, also when
   a program begins with this one. */
#include "dbcore.h"

#ifndef DBCORE_MIGRATOR_H
#define DBCORE_MIGRATOR_H

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------ what is known */

typedef enum dbc_direction { DBC_UP, DBC_DOWN } dbc_direction;

/** A migration while it runs, for its functions. Good during the call. */
typedef struct dbc_migration_run {
    dbc_conn *conn; /* inside the transaction; neither commit nor roll back */
    dbc_direction direction;
    void *inner; /* private */
} dbc_migration_run;

/**
 * Plans an alteration of `run->conn`, carries it out within the transaction of
 * the migration, and keeps its text for the ledger. Asked of the connection as
 * it is now, so earlier changes of the same migration count.
 *
 * Returns what dbc_alteration_plan() and dbc_plan_apply() return.
 */
DBC_API int dbc_migration_alter(dbc_migration_run *run,
                                dbc_alteration *alteration);

/** Sets the error of `run->conn`. Returns `code`, for the function to return.
 */
DBC_API int dbc_migration_fail(dbc_migration_run *run, int code,
                               const char *message, size_t len);

/**
 * One function of a migration. Below zero, and all of the migration is undone;
 * the error is the one on the connection. While it runs foreign keys are not
 * enforced, so nothing cascades; before the commit they are checked, and a row
 * that now points to nothing is DBC_EFOREIGNKEY.
 */
typedef int (*dbc_migration_call)(void *ud, dbc_migration_run *run);

enum {
    /** Its functions remove something that cannot be got back, or copy a
        table. For SQL text this is found out. */
    DBC_MIGRATION_LOSES = 1 << 0,
    /** There is no way back, and that is meant. */
    DBC_MIGRATION_IRREVERSIBLE = 1 << 1
};

/**
 * One migration. With `sql` it is a text: what stands behind a line `-- up`
 * (or all of it, without such a line) and behind a line `-- down`. Else it is
 * functions, and `checksum` is needed. A text is run statement by statement;
 * it must leave transactions, other files and the settings of the connection
 * alone: BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ATTACH, DETACH, VACUUM
 * and PRAGMA, but for user_version and application_id, are refused.
 */
typedef struct dbc_migration {
    const char *version;         /* digits, "0003" or "20261121093000" */
    const char *name;            /* "add_role": letters, digits and `_` */
    const char *sql;             /* NUL-terminated, or NULL */
    dbc_migration_call up, down; /* `down` NULL: there is no way back */
    void *ud;
    const char *checksum; /* 64 hexadecimal digits; NULL: of `sql` */
    const char *source;   /* what a person wrote, for the ledger; or NULL */
    unsigned flags;       /* DBC_MIGRATION_… */
    /**
     * "0001_init", …: what it stands for. Where all of these have been applied
     * it counts as applied, where none has it is run in their place.
     */
    dbc_names replaces;
    /** "0004_a", "0004_b": equals that may come in either order before it. */
    dbc_names merges;
} dbc_migration;

/** All migrations a program knows, in order. Never changes. */
typedef struct dbc_migrator dbc_migrator;

/**
 * Takes copies of `migrations`, in any order. Two of one version that no later
 * one merges are two heads.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID for a version, name or text that is
 * none, with its line; DBC_ECONFLICT for two heads. `alloc` may be NULL.
 */
DBC_API int dbc_migrator_new(dbc_migrator **out,
                             const dbc_migration *migrations, size_t count,
                             const dbc_alloc *alloc, dbc_error *err);
/** Ends a migrator. NULL is allowed. */
DBC_API void dbc_migrator_free(dbc_migrator *migrator);

/** SHA-256, 64 hexadecimal digits and a NUL, of `len` bytes. */
DBC_API void dbc_sha256(char out[65], const void *bytes, size_t len);

/**
 * The checksum of an SQL text: over its tokens, so that blanks, line ends,
 * comments and the case of keywords do not count. Returns DBC_OK, DBC_ENOMEM.
 */
DBC_API int dbc_sql_checksum(char out[65], const char *sql, size_t len,
                             const dbc_alloc *alloc);

/**
 * How many of `len` bytes the first statement has, its semicolon included, and
 * the body of a trigger; what stands before it counts, too.
 */
DBC_API size_t dbc_sql_statement(const char *sql, size_t len);

/* ------------------------------------------------------------ where it is */

/** Where a migration stands. */
typedef enum dbc_migration_state {
    DBC_MIGRATION_PENDING,
    DBC_MIGRATION_APPLIED,
    DBC_MIGRATION_REPLACED,     /* by one that stands for it */
    DBC_MIGRATION_OUT_OF_ORDER, /* pending, though a later one is applied */
    DBC_MIGRATION_EDITED,       /* applied, and its text is another now */
    DBC_MIGRATION_MISSING,      /* applied, and not known here */
    DBC_MIGRATION_NEWER         /* the same, later than all that are known */
} dbc_migration_state;

/** "pending", "out_of_order", … Static; never NULL. */
DBC_API const char *dbc_migration_state_word(dbc_migration_state state);

/**
 * One migration, known or applied or both. Its texts belong to the history and
 * to the migrator, which must outlive it.
 */
typedef struct dbc_history_entry {
    const char *version, *name;
    dbc_migration_state state;
    int reversible;       /* it is known, and has a way back */
    const char *checksum; /* of the one that is known, or NULL */
    /* Only of what is applied, else NULL and 0. */
    const char *applied_checksum, *applied_source;
    int64_t applied_at; /* seconds since 1970-01-01 UTC */
    int64_t duration_ms;
} dbc_history_entry;

/** What is known beside what is applied, at one moment. A value. */
typedef struct dbc_history dbc_history;

/**
 * Compares the migrator with the ledger of `conn`: two statements that read,
 * and no lock.
 *
 * Returns DBC_OK; DBC_ENOMEM; what reading may return. What does not fit is no
 * failure here but the state of an entry.
 */
DBC_API int dbc_history_read(dbc_history **out, const dbc_migrator *migrator,
                             dbc_conn *conn);
/** Ends a history. NULL is allowed. */
DBC_API void dbc_history_free(dbc_history *history);

/** In the order of versions. */
DBC_API size_t dbc_history_count(const dbc_history *history);
/** Entry `i` from 0, in order. Good as long as the history. */
DBC_API const dbc_history_entry *dbc_history_entry_at(
    const dbc_history *history, size_t i);

/**
 * The database's fingerprint after its last migration, or NULL; and its CREATE
 * statements then. They belong to the history.
 */
DBC_API const char *dbc_history_fingerprint(const dbc_history *history);
/** The CREATE statements after the last step, or NULL when unknown. */
DBC_API const char *dbc_history_schema(const dbc_history *history);

/* ------------------------------------------------------------------ running */

/** Where to go. */
typedef enum dbc_goal_kind {
    DBC_GOAL_UP,   /* forward, to `version` or to the end */
    DBC_GOAL_DOWN, /* back, the last `count` that were applied */
    DBC_GOAL_TO    /* forward or back, so that `version` is the last; "0" */
} dbc_goal_kind;

/** How far to go. */
typedef struct dbc_goal {
    dbc_goal_kind kind;
    const char *version; /* or NULL */
    size_t count;
} dbc_goal;

enum {
    DBC_MIGRATE_WHOLE = 1 << 0,        /* all steps in one transaction */
    DBC_MIGRATE_OUT_OF_ORDER = 1 << 1, /* late ones are let in */
    DBC_MIGRATE_NO_DRIFT_CHECK = 1 << 2,
    DBC_MIGRATE_ALWAYS_BACKUP = 1 << 3 /* not only before a loss or a copy */
};

/** One step that was done, told right after its commit. */
typedef struct dbc_migration_done {
    const char *version, *name;
    dbc_direction direction;
    int64_t duration_ms;
} dbc_migration_done;

/** How to get there. Zero means the default everywhere. */
typedef struct dbc_migrate_options {
    unsigned flags;      /* DBC_MIGRATE_… */
    int lock_timeout_ms; /* 0: 10 000; below 0: do not wait */
    /**
     * A file that is written, whole and verified, before the first step that
     * loses something or copies a table; or NULL. Not within a transaction.
     */
    const char *backup;
    /** Objects whose names match one of these (`*`, `?`) may drift. */
    dbc_names ignore;
    int (*progress)(void *ud, const dbc_progress_info *info);
    void (*done)(void *ud, const dbc_migration_done *step);
    void *ud;
} dbc_migrate_options;

/** What was done. */
typedef struct dbc_migrate_result {
    size_t applied, reverted;
    int backed_up; /* the backup was written */
} dbc_migrate_result;

/**
 * Does what is due. In a transaction of the caller the steps are savepoints of
 * it: then there is no backup, and what needs foreign keys to be off is
 * refused. `options` and `out` may be NULL; `out` tells what was done also
 * when a later step fails: that one is undone, those before it stand.
 *
 * Returns DBC_OK, also when there is nothing to do; DBC_EDRIFT when history or
 * database are not what the migrator knows (edited, missing, newer, out of
 * order, changed by hand), and nothing was changed; DBC_EBUSY when another
 * holds the lock, and who; DBC_EREFUSED when there is no way back, or for
 * something that would be lost; DBC_ENOTFOUND for a version that is none;
 * DBC_EINTERRUPTED; what the step itself returned. The message begins with
 * the migration's name.
 */
DBC_API int dbc_migrate(dbc_migrate_result *out, const dbc_migrator *migrator,
                        dbc_conn *conn, const dbc_goal *goal,
                        const dbc_migrate_options *options);

/**
 * What dbc_migrate() would do next for this goal, without a lock: 1 and the
 * entry and direction; 0 when nothing is due; or below zero as it would.
 */
DBC_API int dbc_history_next(const dbc_history *history, const dbc_goal *goal,
                             unsigned flags, const dbc_history_entry **out,
                             dbc_direction *direction, dbc_error *err);

/**
 * Marks all migrations up to `version` (NULL: all) as applied without running
 * them. What is marked already stays. With `fingerprint` the database must
 * have just that one, else DBC_EDRIFT and nothing is marked.
 */
DBC_API int dbc_migrate_baseline(const dbc_migrator *migrator, dbc_conn *conn,
                                 const char *version, const char *fingerprint);

enum {
    DBC_REPAIR_CHECKSUMS = 1 << 0, /* take the texts that are known now */
    DBC_REPAIR_MISSING = 1 << 1,   /* forget what is applied and not known */
    DBC_REPAIR_SCHEMA = 1 << 2     /* take the database as it is now */
};

/**
 * Brings the ledger in line with what is known; the database itself stays as
 * it is. Each kind of mending is asked for by name. `*mended` (may be NULL) is
 * set to the number of entries changed.
 */
DBC_API int dbc_migrate_repair(size_t *mended, const dbc_migrator *migrator,
                               dbc_conn *conn, unsigned what);

#ifdef __cplusplus
}
#endif

#endif
