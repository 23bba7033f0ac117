/**
 * What a file has been through stands in the file, in its *ledger*, the table
 * "dbcore_migrations"; nobody else sees it as a difference. A history is the
 * ledger beside a migrator, at one moment: a value.
 */
#ifndef DBCORE_HISTORY_H
#define DBCORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "error.h"
#include "export.h"
#include "migration.h"
#include "migrator.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif
