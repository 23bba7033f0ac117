/**
 * Descriptions as CREATE statements, as a dialect says them.
 */
#ifndef DBCORE_DDL_H
#define DBCORE_DDL_H

#include "alloc.h"
#include "column.h"
#include "error.h"
#include "export.h"
#include "schema.h"
#include "sql.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * CREATE statements of one table with its indexes and triggers, in an order
 * that works, each ended with ";\n".
 *
 * Returns DBC_OK and a text that ends with a NUL; free it with
 * dbc_text_free(). DBC_ENOMEM; DBC_EUNSUPPORTED.
 */
DBC_API int dbc_table_ddl(char **out, const dbc_table *table,
                          const dbc_dialect *dialect, const dbc_alloc *alloc,
                          dbc_error *err);
/** The same of all of `schema`. */
DBC_API int dbc_schema_ddl(char **out, const dbc_schema *schema,
                           const dbc_dialect *dialect, const dbc_alloc *alloc,
                           dbc_error *err);
/** The same of one column, as it stands in CREATE TABLE. */
DBC_API int dbc_column_ddl(char **out, const dbc_column *column,
                           const dbc_dialect *dialect, const dbc_alloc *alloc,
                           dbc_error *err);
/** Frees a text that was given with that `alloc`. NULL is allowed. */
DBC_API void dbc_text_free(char *text, const dbc_alloc *alloc);

#ifdef __cplusplus
}
#endif

#endif
