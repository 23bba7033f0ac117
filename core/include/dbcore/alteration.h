/**
 * An *alteration* makes a catalog out of another one by single changes, to be
 * planned and carried out like any other way.
 */
#ifndef DBCORE_ALTERATION_H
#define DBCORE_ALTERATION_H

#include <stddef.h>

#include "catalog.h"
#include "conn.h"
#include "export.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A catalog that is changed step by step, with the hints that its plan will
 * need. Sticky: the first failure is kept and reported by
 * dbc_alteration_plan(). Definitions are SQL, as they stand in CREATE TABLE.
 */
typedef struct dbc_alteration dbc_alteration;

/**
 * Begins an alteration of what `conn` holds. Nothing is done yet. `conn` is
 * used by all calls for it, and must be there until it is freed.
 *
 * Returns DBC_OK; what reading may return.
 */
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

/**
 * The plan of all changes, which the caller owns. Returns the first failure,
 * such as DBC_EINVALID for a name that is not there or SQL that does not make
 * what it should; else what dbc_plan_new() returns.
 */
DBC_API int dbc_alteration_plan(dbc_plan **out, dbc_alteration *a);

#ifdef __cplusplus
}
#endif

#endif
