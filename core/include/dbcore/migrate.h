/**
 * Carrying out what is due. Each step and its line in the ledger are one
 * transaction. Whether a step is due is decided when that transaction holds the
 * lock, so that many programs may start at once and each step is done by one of
 * them.
 */
#ifndef DBCORE_MIGRATE_H
#define DBCORE_MIGRATE_H

#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "error.h"
#include "export.h"
#include "history.h"
#include "migration.h"
#include "migrator.h"
#include "names.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/** Flags of migrating. */
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
 * have just that one, else DBC_EDRIFT and nothing is marked. A version that is
 * none is DBC_ENOTFOUND.
 */
DBC_API int dbc_migrate_baseline(const dbc_migrator *migrator, dbc_conn *conn,
                                 const char *version, const char *fingerprint);

/** What dbc_migrate_repair() mends. */
enum {
    DBC_REPAIR_CHECKSUMS = 1 << 0, /* take the texts that are known now */
    DBC_REPAIR_MISSING = 1 << 1,   /* forget what is applied and not known */
    DBC_REPAIR_SCHEMA = 1 << 2     /* take the database as it is now */
};

/**
 * Brings the ledger in line with what is known; the database itself stays as
 * it is. Each kind of mending is asked for by name. `*mended` (may be NULL) is
 * set to the number of entries changed. Returns DBC_OK; what writing may
 * return, and then nothing was changed.
 */
DBC_API int dbc_migrate_repair(size_t *mended, const dbc_migrator *migrator,
                               dbc_conn *conn, unsigned what);

#ifdef __cplusplus
}
#endif

#endif
