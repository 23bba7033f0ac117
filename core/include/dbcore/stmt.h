/**
 * Statements: SQL as text, prepared and lent by a connection, and the rows that
 * they step through. Queries that are run lend them, too.
 */
#ifndef DBCORE_STMT_H
#define DBCORE_STMT_H

#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "export.h"
#include "layout.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A prepared statement on loan from its connection. */
typedef struct dbc_stmt dbc_stmt;

/**
 * Takes the statement for one SQL text from the cache, or prepares it. The
 * caller gives it back with dbc_stmt_release(). Text behind the first
 * statement, or a NUL in it, is DBC_EINVALID; under a policy that lets no text
 * through it is DBC_EDENIED.
 */
DBC_API int dbc_stmt_acquire(dbc_stmt **out, dbc_conn *conn, const char *sql,
                             size_t len);

/**
 * Gives it back; it is reset at once, so that it holds no lock. Allowed after
 * the connection was closed. The pointer is dead afterwards.
 */
DBC_API void dbc_stmt_release(dbc_stmt *stmt);

/** How many placeholders the text has. */
DBC_API size_t dbc_stmt_parameter_count(const dbc_stmt *stmt);

/**
 * Binds `values` to all placeholders, in order; the count must match. Text,
 * blobs and lists are borrowed until the statement is bound again or
 * released. A statement with placeholders cannot be stepped before.
 *
 * Returns DBC_OK; DBC_EINVALID when the count is another one, or for a kind of
 * value that the engine does not take; DBC_ELIMIT for one that is too long.
 */
DBC_API int dbc_stmt_bind(dbc_stmt *stmt, const dbc_value *values,
                          size_t count);

/**
 * DBC_ROW, DBC_DONE, or below zero. After DBC_DONE and after an error it is
 * reset, so that it holds no lock; the next step starts it anew. The time
 * limit of the connection counts from the first step.
 */
DBC_API int dbc_stmt_step(dbc_stmt *stmt);

/**
 * Back to before the first step. What is bound stays bound. Returns DBC_OK, or
 * DBC_ECLOSED when the connection was closed.
 */
DBC_API int dbc_stmt_reset(dbc_stmt *stmt);

/**
 * Binds, runs to the end, resets: one call for a row of a bulk write. Rows it
 * returns are dropped. Sets `*changes` (may be NULL) to the rows changed.
 * Returns DBC_OK, or what binding and stepping return.
 */
DBC_API int dbc_stmt_run(dbc_stmt *stmt, const dbc_value *values, size_t count,
                         int64_t *changes);

/** How many columns a row of the statement has. */
DBC_API size_t dbc_stmt_column_count(const dbc_stmt *stmt);

/** Name of column `i` from 0. Good until the statement is stepped. */
DBC_API const char *dbc_stmt_column_name(const dbc_stmt *stmt, size_t i);

/**
 * The row that dbc_stmt_step() made ready: an array of as many values as
 * there are columns. Good until the next call on the statement.
 */
DBC_API const dbc_value *dbc_stmt_row(const dbc_stmt *stmt);

/**
 * The place of the column `name` in the row, or -1 when there is none of that
 * name. Of several it is the first.
 */
DBC_API int dbc_stmt_find(const dbc_stmt *stmt, const char *name);

/** Whether column `i` is NULL. */
DBC_API int dbc_stmt_is_null(const dbc_stmt *stmt, size_t i);

/** Column `i` as an integer; 0 when it is none. */
DBC_API int64_t dbc_stmt_int(const dbc_stmt *stmt, size_t i);

/** Column `i` as a real, an integer included; 0 when it is neither. */
DBC_API double dbc_stmt_real(const dbc_stmt *stmt, size_t i);

/**
 * The bytes of column `i`, good as long as the row; NULL when it is no text, or
 * no blob. `len` may be NULL; a text may hold NUL, and none stands behind it.
 */
DBC_API const char *dbc_stmt_text(const dbc_stmt *stmt, size_t i, size_t *len);
/** The same for a blob. */
DBC_API const void *dbc_stmt_blob(const dbc_stmt *stmt, size_t i, size_t *len);

/** The layout of a statement that came from a query, else NULL. */
DBC_API const dbc_layout *dbc_stmt_layout(const dbc_stmt *stmt);

/** Its SQL text. Good as long as it is lent. */
DBC_API const char *dbc_stmt_sql(const dbc_stmt *stmt, size_t *len);

/** Whether it only reads. */
DBC_API int dbc_stmt_readonly(const dbc_stmt *stmt);

/** The connection it was lent by. */
DBC_API dbc_conn *dbc_stmt_conn(const dbc_stmt *stmt);

#ifdef __cplusplus
}
#endif

#endif
