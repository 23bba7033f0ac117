/**
 * Schemas: tables and relations that belong together, and whatever else a
 * database is made of, as SQL. Checked as a whole, counted, never changed.
 */
#ifndef DBCORE_SCHEMA_H
#define DBCORE_SCHEMA_H

#include <stddef.h>

#include "alloc.h"
#include "error.h"
#include "export.h"
#include "relation.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a description cannot say, as the CREATE statement that makes it. Of it
 * the library knows the kind ("table", "virtual table", "index", "view",
 * "trigger") and the name.
 */
typedef struct dbc_definition {
    const char *kind;
    const char *name;
    const char *sql; /* without a semicolon at its end */
} dbc_definition;

/** What a schema is made of. */
typedef struct dbc_schema_def {
    const dbc_table *const *tables;
    size_t table_count;
    const dbc_relation_def *relations;
    size_t relation_count;
    const char *const *definitions; /* created behind the tables, in order */
    size_t definition_count;
} dbc_schema_def;

/** Tables and relations that belong together; checked, never changed. */
typedef struct dbc_schema dbc_schema;

/**
 * Makes a schema of `tables` (each gets one more reference) and `relations`
 * (copied). Checks what one table cannot: names that differ only by case,
 * foreign keys to missing tables or columns, relations.
 *
 * Returns DBC_OK and a schema with one reference; DBC_ENOMEM; DBC_ESCHEMA.
 */
DBC_API int dbc_schema_new(dbc_schema **out, const dbc_table *const *tables,
                           size_t table_count,
                           const dbc_relation_def *relations,
                           size_t relation_count, const dbc_alloc *alloc,
                           dbc_error *err);

/**
 * The same with definitions, which are copied. A foreign key may point to a
 * table that one of them creates. A definition that is not one CREATE
 * statement is DBC_ESCHEMA, too.
 */
DBC_API int dbc_schema_build(dbc_schema **out, const dbc_schema_def *def,
                             const dbc_alloc *alloc, dbc_error *err);

/** One more reference. Safe from any thread. Returns `schema`. */
DBC_API const dbc_schema *dbc_schema_retain(const dbc_schema *schema);
/** One reference less; the last one frees. Safe from any thread. */
DBC_API void dbc_schema_release(const dbc_schema *schema);

/** How many tables, views and full-text indexes there are. */
DBC_API size_t dbc_schema_table_count(const dbc_schema *schema);
/** Number `i` of them from 0, as they were given. Borrowed. */
DBC_API const dbc_table *dbc_schema_table(const dbc_schema *schema, size_t i);

/** How many parts are written as SQL. */
DBC_API size_t dbc_schema_definition_count(const dbc_schema *schema);
/** Number `i` of them from 0. Borrowed. */
DBC_API const dbc_definition *dbc_schema_definition(const dbc_schema *schema,
                                                    size_t i);

/** The table of that name, or NULL with the nearest one named in `err`. */
DBC_API const dbc_table *dbc_schema_find(const dbc_schema *schema,
                                         const char *name, size_t len,
                                         dbc_error *err);

/** How many relations there are. */
DBC_API size_t dbc_schema_relation_count(const dbc_schema *schema);
/** Number `i` of them from 0. Borrowed. */
DBC_API const dbc_relation *dbc_schema_relation(const dbc_schema *schema,
                                                size_t i);

/** The relation `name` of `table`, or NULL with the nearest one in `err`. */
DBC_API const dbc_relation *dbc_schema_find_relation(const dbc_schema *schema,
                                                     const dbc_table *table,
                                                     const char *name,
                                                     size_t len,
                                                     dbc_error *err);

#ifdef __cplusplus
}
#endif

#endif
