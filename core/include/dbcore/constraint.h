/**
 * Constraints as they are described: foreign keys, keys over several columns,
 * checks. What is written here is what dbc_table_describe() gives back.
 */
#ifndef DBCORE_CONSTRAINT_H
#define DBCORE_CONSTRAINT_H

#include "names.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What happens to a row when the one it refers to goes or changes. */
typedef enum dbc_fk_action {
    DBC_FK_NO_ACTION,
    DBC_FK_RESTRICT,
    DBC_FK_CASCADE,
    DBC_FK_SET_NULL,
    DBC_FK_SET_DEFAULT
} dbc_fk_action;

/** When a foreign key is checked. */
typedef enum dbc_deferral {
    DBC_NOT_DEFERRABLE,
    DBC_DEFERRABLE_IMMEDIATE,
    DBC_DEFERRABLE_DEFERRED
} dbc_deferral;

/** What to do with a row that breaks the constraint (SQLite's ON CONFLICT). */
typedef enum dbc_conflict {
    DBC_CONFLICT_DEFAULT,
    DBC_CONFLICT_ROLLBACK,
    DBC_CONFLICT_ABORT,
    DBC_CONFLICT_FAIL,
    DBC_CONFLICT_IGNORE,
    DBC_CONFLICT_REPLACE
} dbc_conflict;

/**
 * One foreign key. As a column's own it has `columns` empty. `to` may be
 * empty: then it is the target's primary key.
 */
typedef struct dbc_foreign_key_def {
    const char *name; /* of the constraint, or NULL */
    dbc_names columns;
    const char *table; /* the target */
    dbc_names to;
    dbc_fk_action on_delete, on_update;
    dbc_deferral deferral;
} dbc_foreign_key_def;

/** A UNIQUE or PRIMARY KEY constraint over the whole table. */
typedef struct dbc_key_def {
    const char *name; /* or NULL */
    dbc_names columns;
    dbc_conflict on_conflict;
} dbc_key_def;

/** A CHECK. */
typedef struct dbc_check_def {
    const char *name; /* or NULL */
    const char *expression;
} dbc_check_def;

#ifdef __cplusplus
}
#endif

#endif
