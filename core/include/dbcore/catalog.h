/**
 * A *catalog* is what a database holds, as the database itself understands it.
 * It is a value: it holds no lock and may outlive the connection it was made
 * with.
 */
#ifndef DBCORE_CATALOG_H
#define DBCORE_CATALOG_H

#include <stddef.h>

#include "conn.h"
#include "export.h"
#include "schema.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

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
 * touched. Statements that change no schema are refused (DBC_EINVALID); one
 * that is broken is DBC_ESYNTAX, with its line, or DBC_EREFUSED.
 */
DBC_API int dbc_catalog_of_sql(dbc_catalog **out, const char *sql, size_t len,
                               dbc_conn *conn);

/**
 * The same of a described schema, with what its columns say for migrations.
 * Returns as well what dbc_schema_ddl() does.
 */
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

#ifdef __cplusplus
}
#endif

#endif
