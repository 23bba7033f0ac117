/**
 * A *migrator* is the list of all migrations that a program knows, and tells
 * them apart by checksums of their texts.
 */
#ifndef DBCORE_MIGRATOR_H
#define DBCORE_MIGRATOR_H

#include <stddef.h>

#include "alloc.h"
#include "error.h"
#include "export.h"
#include "migration.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif
