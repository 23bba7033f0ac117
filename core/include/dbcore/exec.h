/**
 * Running queries, where words and work meet: as a statement to be stepped, to
 * the end, or for one number.
 */
#ifndef DBCORE_EXEC_H
#define DBCORE_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "export.h"
#include "query.h"
#include "sql.h"
#include "stmt.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A value for a named parameter. */
typedef struct dbc_arg {
    const char *name;
    dbc_value value;
} dbc_arg;

/** What a query is given when it runs. Zero: nothing. */
typedef struct dbc_args {
    const dbc_arg *named; /* for parameters */
    size_t named_count;
    const dbc_value *slots; /* for dbc_query_slot(), in that order */
    size_t slot_count;
} dbc_args;

/**
 * Makes `query` ready to step: by its shape when that was seen before on this
 * connection, else by compiling and preparing it. `query` and `args` must
 * stay as they are until the statement is released, bound again or reset.
 * `args` may be NULL when nothing is to be given.
 *
 * Returns DBC_OK and a statement to be released; DBC_EINVALID when a
 * parameter is missing, unknown or of the wrong type; whatever compiling,
 * preparing and binding return.
 */
DBC_API int dbc_query_open(dbc_stmt **out, dbc_conn *conn,
                           const dbc_query *query, const dbc_args *args);

/**
 * The same statement for other arguments, without any look-up. Returns what
 * dbc_query_open() does; DBC_EINVALID when `query` has another shape than the
 * one that was opened.
 */
DBC_API int dbc_query_reopen(dbc_stmt *stmt, const dbc_query *query,
                             const dbc_args *args);

/**
 * Binds again and runs to the end, rows dropped: one call for each row of a
 * bulk insert on one statement. `*changes` (may be NULL) is set. Returns what
 * dbc_query_reopen() and dbc_stmt_step() do, DBC_OK in place of news.
 */
DBC_API int dbc_query_repeat(dbc_stmt *stmt, const dbc_query *query,
                             const dbc_args *args, int64_t *changes);

/** What a write has done. */
typedef struct dbc_result {
    int64_t changes;
    int64_t last_rowid;
} dbc_result;

/**
 * Runs to the end. Rows are dropped. `out` may be NULL, and is left untouched
 * by a failure. Returns DBC_OK; DBC_EVALIDATION when a row breaks a rule, see
 * dbc_conn_report(); DBC_EDENIED by a policy; what dbc_query_open() and
 * dbc_stmt_step() return.
 */
DBC_API int dbc_query_run(dbc_result *out, dbc_conn *conn,
                          const dbc_query *query, const dbc_args *args);

/**
 * The rows of a bulk insert. Either an array, `count` times as many `values` as
 * the insert has slots, in the order of dbc_query_slot(); or a function that
 * gives them one by one. Zero means nothing in every field.
 */
typedef struct dbc_rows {
    const dbc_value *values; /* row after row */
    size_t count;            /* of rows */
    /**
     * Instead of an array: fills the slots of the next row (all are NULL when
     * it is called) and returns DBC_ROW; DBC_DONE when there is none; below
     * zero to give up. Text and blobs stay good until the next call. It may
     * use the connection, but not end its transaction.
     */
    int (*next)(void *ud, dbc_value *slots, size_t slot_count);
    void *ud;
    const dbc_arg *named; /* for parameters, the same for all rows */
    size_t named_count;
} dbc_rows;

/**
 * Inserts any number of rows with one statement, all of them or none: in a
 * transaction of its own, or inside of one in a savepoint. `query` is an
 * insert with slots, with or without ON CONFLICT; rows that it returns are
 * dropped. `out` (may be NULL) takes the changes of all rows together.
 *
 * On failure nothing of it is there, and `row` in the error of the connection
 * is the number of the row that failed, from 1. Returns what dbc_query_run()
 * returns; what `next` returned; DBC_EINVALID when `query` is no insert.
 */
DBC_API int dbc_query_run_rows(dbc_result *out, dbc_conn *conn,
                               const dbc_query *query, const dbc_rows *rows);

/**
 * Sets `*out` to the number of rows that `query` gives. Returns DBC_OK, or what
 * dbc_query_run() does; DBC_EINVALID for a write.
 */
DBC_API int dbc_query_count(int64_t *out, dbc_conn *conn,
                            const dbc_query *query, const dbc_args *args);
/** The same, 1 when the query has a row and else 0. */
DBC_API int dbc_query_exists(int *out, dbc_conn *conn, const dbc_query *query,
                             const dbc_args *args);

/**
 * Prepares `query` and keeps it, so that opening it later finds it ready, and
 * what the engine has to say against it is known now. Returns DBC_OK, or what
 * compiling and preparing return.
 */
DBC_API int dbc_query_prepare(dbc_conn *conn, const dbc_query *query);

/**
 * The compiled form of `query` on this connection, prepared or not. Good until
 * the next call on the connection. Returns DBC_OK, or what compiling returns.
 */
DBC_API int dbc_query_plan(const dbc_sql **out, dbc_conn *conn,
                           const dbc_query *query);

#ifdef __cplusplus
}
#endif

#endif
