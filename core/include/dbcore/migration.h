/**
 * A *migration* is one step in the history of a database, with a version and a
 * name: SQL text or functions, and a way back where there is one.
 */
#ifndef DBCORE_MIGRATION_H
#define DBCORE_MIGRATION_H

#include <stddef.h>

#include "alteration.h"
#include "conn.h"
#include "export.h"
#include "names.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which way a migration is run. */
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

/** Flags of a migration. */
enum {
    /** Its functions remove something that cannot be got back, or copy a
        table. For SQL text this is found out. */
    DBC_MIGRATION_LOSES = 1 << 0,
    /** There is no way back, and that is meant. */
    DBC_MIGRATION_IRREVERSIBLE = 1 << 1,
    /** As DBC_MIGRATION_LOSES, but only on the way back. */
    DBC_MIGRATION_LOSES_BACK = 1 << 2
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

#ifdef __cplusplus
}
#endif

#endif
