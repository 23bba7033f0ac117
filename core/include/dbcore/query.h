/**
 * Queries as values: how one is made, copied, placed in memory of the host and
 * asked what it is. What it says is said with expressions, expr.h, and with
 * clauses, clause.h.
 */
#ifndef DBCORE_QUERY_H
#define DBCORE_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "column.h"
#include "error.h"
#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A query is a value: words, and the values bound into them. It needs no
 * connection until it is run, and it may be run on many.
 *
 * Inside it is flat: fixed nodes in one array, names and values in pools
 * beside it. A copy is a few memcpy()s, and a query inside another one is
 * copied into it. A strong hash of its *shape* (everything but the bound
 * values) is kept up to date while it grows; a connection remembers what it
 * prepared for a shape.
 *
 * The functions that build are sticky: after the first failure they do
 * nothing, and whatever runs or compiles the query reports that failure. So
 * a chain needs one check, at its end.
 */
typedef struct dbc_query dbc_query;

/**
 * An expression inside a query: its place there. 0 is "none"; it comes from
 * a failed call and is accepted by every other one, which then fails too.
 * Good only in the query that made it.
 */
typedef uint32_t dbc_expr;

/** An empty query. Returns NULL when memory is out. `alloc` may be NULL. */
DBC_API dbc_query *dbc_query_new(const dbc_alloc *alloc);

/** A copy of `query` as it is. Returns NULL when memory is out. */
DBC_API dbc_query *dbc_query_clone(const dbc_query *query,
                                   const dbc_alloc *alloc);

/** Ends a query that was made with dbc_query_new(). NULL is allowed. */
DBC_API void dbc_query_free(dbc_query *query);

/** How much a query holds, or how much room one is given. */
typedef struct dbc_query_size {
    uint32_t nodes;
    uint32_t values;
    uint32_t names; /* bytes */
    uint32_t bytes; /* of text and blob values */
} dbc_query_size;

/** How much `query` holds. */
DBC_API dbc_query_size dbc_query_measure(const dbc_query *query);

/** The bytes dbc_query_place() needs for that room. */
DBC_API size_t dbc_query_room(dbc_query_size size);

/**
 * Makes an empty query in memory of yours, for hosts that own memory in
 * blocks. It never allocates and is never freed: it ends when the block does.
 * `memory` is aligned for any type and has dbc_query_room(size) bytes; a call
 * that finds no room left fails with DBC_ELIMIT. No building call needs more
 * than four nodes beside those it copies, plus one for each argument of a
 * list; those about full text bind what they are given, two nodes and a value
 * for each argument in SQL. `err` (may be NULL) takes the first failure and
 * must stay good until dbc_query_seal().
 */
DBC_API dbc_query *dbc_query_place(void *memory, dbc_query_size size,
                                   dbc_error *err);

/** Building is over: forgets `err`. Returns the first failure, or DBC_OK. */
DBC_API int dbc_query_seal(dbc_query *query);

/** The first failure of building, or DBC_OK; its text goes to `err`. */
DBC_API int dbc_query_status(const dbc_query *query, dbc_error *err);

/**
 * Copies all of `src` behind what `query` has. Returns the expression that
 * was made last in `src`: its root, when it holds a single expression.
 */
DBC_API dbc_expr dbc_query_append(dbc_query *query, const dbc_query *src);

/** The expression made last, 0 when there is none. */
DBC_API dbc_expr dbc_query_root(const dbc_query *query);

/** What a query is. */
typedef enum dbc_query_kind {
    DBC_FRAGMENT, /* expressions only: cannot be run */
    DBC_SELECT,
    DBC_INSERT,
    DBC_UPDATE,
    DBC_DELETE
} dbc_query_kind;

/** What the query is, by the clause it began with. */
DBC_API dbc_query_kind dbc_query_kind_of(const dbc_query *query);

/**
 * Whether a table, subquery or CTE that `query` reads from is known in it as
 * `name`: by its alias, or without one by its own name.
 */
DBC_API int dbc_query_has_source(const dbc_query *query, const char *name);

/** A column of a table that a query reads from. */
typedef struct dbc_source_column {
    const dbc_column *column;
    const char *alias; /* of its table in the query, not ended by a NUL;
                          borrowed until the query changes */
    size_t alias_len;  /* 0: it has none */
} dbc_source_column;

/**
 * How many of the tables in FROM and JOIN of `query` have a column `name`;
 * `out` gets that of the first. Subqueries and CTEs are not looked at.
 */
DBC_API size_t dbc_query_find_column(dbc_source_column *out,
                                     const dbc_query *query, const char *name);

/**
 * Whether an output of `query` was given the name `name`, or brings it along.
 * Columns of a query without select are not looked at.
 */
DBC_API int dbc_query_has_output(const dbc_query *query, const char *name);

/** Whether `query` declares `name` with dbc_query_with(). */
DBC_API int dbc_query_has_with(const dbc_query *query, const char *name);

#ifdef __cplusplus
}
#endif

#endif
