/**
 * Compiled queries: the text of SQL, its parameters in order, the layout of its
 * rows. A query that is run is compiled by itself, once for each shape; these
 * are for looking at what is sent.
 */
#ifndef DBCORE_SQL_H
#define DBCORE_SQL_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "column.h"
#include "error.h"
#include "export.h"
#include "layout.h"
#include "query.h"
#include "schema.h"
#include "type.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where the value of a parameter comes from. */
typedef enum dbc_parameter_kind {
    DBC_PARAMETER_VALUE, /* bound in the query */
    DBC_PARAMETER_NAMED, /* given by name at run time */
    DBC_PARAMETER_SLOT,  /* given by position at run time (insert) */
    DBC_PARAMETER_POLICY /* bound in a policy that holds */
} dbc_parameter_kind;

/** Whether a placeholder is a new value of its column, and of which row. */
typedef enum dbc_written {
    DBC_NOT_WRITTEN,
    DBC_WRITTEN,         /* of the row that is inserted or updated */
    DBC_WRITTEN_CONFLICT /* of the row that ON CONFLICT … UPDATE changes */
} dbc_written;

/** One placeholder of the text, in the order of the text. */
typedef struct dbc_parameter {
    dbc_parameter_kind kind;
    uint32_t index;           /* of the value, of the slot */
    const char *name;         /* of a named one, else NULL */
    dbc_type type;            /* it must fit this */
    const dbc_column *column; /* and this, when not NULL */
    int list;                 /* a DBC_LIST is due: the set of an IN */
    dbc_written written;      /* whether it is stored into `column` */
} dbc_parameter;

/** How a database speaks. See dbcore_driver.h. */
typedef struct dbc_dialect dbc_dialect;

/** The dialect of SQLite. */
DBC_API const dbc_dialect *dbc_dialect_sqlite(void);

/** A query as text. Everything in it belongs to it. */
typedef struct dbc_sql {
    const char *text; /* ends with a NUL that `len` does not count */
    size_t len;
    const dbc_parameter *parameters;
    size_t parameter_count;
    dbc_layout layout;
    dbc_query_kind kind;
    const dbc_table *table; /* the one it starts from, or NULL; borrowed */
    void *memory;           /* private */
} dbc_sql;

/**
 * Turns `query` into SQL text, an ordered list of parameters and a row layout.
 *
 * The caller owns `out` and releases it with dbc_sql_dispose(). The tables of
 * `query` must outlive it.
 *
 * Returns DBC_OK; DBC_ENOMEM; the first failure of building; DBC_EINVALID
 * when it makes no sense (a column of a table that is not in the query, an
 * update without a condition, …); DBC_EUNSUPPORTED when `dialect` cannot say
 * a clause. `err` says what. On failure `out` is left untouched.
 */
DBC_API int dbc_query_compile(dbc_sql *out, const dbc_query *query,
                              const dbc_dialect *dialect,
                              const dbc_alloc *alloc, dbc_error *err);

/**
 * The same for a query that speaks of relations, which are looked up in
 * `schema`. What is loaded with its rows is left out. A relation that is not
 * there is DBC_ESCHEMA.
 */
DBC_API int dbc_query_compile_in(dbc_sql *out, const dbc_query *query,
                                 const dbc_schema *schema,
                                 const dbc_dialect *dialect,
                                 const dbc_alloc *alloc, dbc_error *err);

/** Frees what is inside of `sql`; one that is zeroed is allowed. */
DBC_API void dbc_sql_dispose(dbc_sql *sql);

/** Value `index` bound in `query`; its text is good as long as the query. */
DBC_API dbc_value dbc_query_value(const dbc_query *query, uint32_t index);

/** Item `i` from 0 of the list that is value `index`. */
DBC_API dbc_value dbc_query_list_item(const dbc_query *query, uint32_t index,
                                      size_t i);

#ifdef __cplusplus
}
#endif

#endif
