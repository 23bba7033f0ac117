/**
 * Rows with their relatives, level by level, while they are read. To keep them
 * as a whole see record.h.
 */
#ifndef DBCORE_LOAD_H
#define DBCORE_LOAD_H

#include <stddef.h>

#include "conn.h"
#include "exec.h"
#include "export.h"
#include "layout.h"
#include "query.h"
#include "relation.h"
#include "sql.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A query that loads relations, dbc_query_load(), while it is read. Rows come
 * level by level: first those of the query itself, then the relatives of all
 * of these, one statement for each relation however many rows there are. What
 * belongs to what is told by number, so nothing has to be kept but what you
 * want to keep.
 *
 *     while ((rc = dbc_load_begin(load, 0)) == DBC_ROW)
 *         while ((rc = dbc_load_step(load)) == DBC_ROW)
 *             take(dbc_load_level(load), dbc_load_parent(load),
 *                  dbc_load_row(load));
 *
 * dbc_records_load() does that and keeps all rows.
 */
typedef struct dbc_load dbc_load;

/**
 * Makes it ready. A query that loads nothing has one level. `query` must stay
 * as it is until it is closed, and what the values and names in `args` point
 * to, too.
 *
 * Returns DBC_OK and something to be closed with dbc_load_close(); what
 * dbc_query_open() returns; DBC_ESCHEMA for a relation that is not in the
 * schema of the connection; DBC_EINVALID when relatives have no place: an
 * output of the same name, a union, keys that grouping or distinct hide.
 */
DBC_API int dbc_load_open(dbc_load **out, dbc_conn *conn,
                          const dbc_query *query, const dbc_args *args);

/** Gives everything back. The last error of the connection stays. */
DBC_API void dbc_load_close(dbc_load *load);

/** One relation that is loaded. Good as long as the load. */
typedef struct dbc_load_info {
    const char *name; /* of the relation; NULL: the rows of the query itself */
    dbc_relation_kind kind;
    size_t parent; /* the level whose rows have these; smaller than its own */
} dbc_load_info;

/** How many levels there are, from 1. */
DBC_API size_t dbc_load_level_count(const dbc_load *load);
/** What level `level` is. */
DBC_API dbc_load_info dbc_load_describe(const dbc_load *load, size_t level);

/**
 * Begins a batch: at most `most` rows of the query itself (0: all there are)
 * with their relatives. All of a batch is read in one transaction, unless one
 * is open already.
 *
 * Returns DBC_ROW; DBC_DONE when the query has no more rows; or below zero.
 */
DBC_API int dbc_load_begin(dbc_load *load, size_t most);

/** DBC_ROW; DBC_DONE when the batch is complete; or below zero. */
DBC_API int dbc_load_step(dbc_load *load);

/** The level of the row that is ready. */
DBC_API size_t dbc_load_level(const dbc_load *load);

/** Its values, as many as its layout has outputs, until the next call. */
DBC_API const dbc_value *dbc_load_row(const dbc_load *load);

/** The layout of its level. Good until the next step. */
DBC_API const dbc_layout *dbc_load_layout(const dbc_load *load);

/** The number of no row. */
#define DBC_NO_PARENT ((size_t)-1)

/**
 * The number, from 0 in each batch, of the first row of the parent level that
 * has this one among its relatives; and of the next one behind `parent`.
 * DBC_NO_PARENT when there is none, as for level 0.
 */
DBC_API size_t dbc_load_parent(const dbc_load *load);
/** The next parent of the row that was read, behind `parent`. */
DBC_API size_t dbc_load_next_parent(const dbc_load *load, size_t parent);

/**
 * The compiled form of level `level` of a query, as dbc_query_plan(). Level 0
 * is the query itself. DBC_DONE, and nothing in `*out`, when there are not so
 * many.
 */
DBC_API int dbc_query_level_plan(const dbc_sql **out, dbc_conn *conn,
                                 const dbc_query *query, size_t level);

#ifdef __cplusplus
}
#endif

#endif
