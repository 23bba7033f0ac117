/**
 * Rows with their relatives, kept as a whole: each row has those that belong to
 * it. They need no connection once they are there.
 */
#ifndef DBCORE_RECORD_H
#define DBCORE_RECORD_H

#include "conn.h"
#include "exec.h"
#include "export.h"
#include "layout.h"
#include "query.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Rows with their relatives, kept as a whole. They need no connection. */
typedef struct dbc_records dbc_records;

/** One of them. All of it is good as long as the records. */
typedef struct dbc_record {
    const dbc_value *values; /* as many as the layout has outputs */
    const dbc_layout *layout;
    const struct dbc_record *next; /* of the same row's relatives, or NULL */
    const struct dbc_record_level *level; /* private, as the next */
    struct dbc_record **related;
} dbc_record;

/**
 * Runs `query` to the end and keeps its rows with all that it loads. Rows that
 * several rows have in common are there once.
 *
 * Returns DBC_OK and records for dbc_records_free(); DBC_ENOMEM; what
 * dbc_load_open() and dbc_load_step() return.
 */
DBC_API int dbc_records_load(dbc_records **out, dbc_conn *conn,
                             const dbc_query *query, const dbc_args *args);
/** Ends records with all that hangs on them. NULL is allowed. */
DBC_API void dbc_records_free(dbc_records *records);

/** The first row of the query itself, or NULL; go on with `next`. */
DBC_API const dbc_record *dbc_records_first(const dbc_records *records);

/**
 * The first relative of a row by the name of the relation, or NULL when it has
 * none or the relation was not loaded; go on with `next`.
 */
DBC_API const dbc_record *dbc_record_related(const dbc_record *record,
                                             const char *relation);

#ifdef __cplusplus
}
#endif

#endif
