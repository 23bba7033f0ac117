/**
 * What a query asks about relatives. A path is the name of a relation of the
 * table that the query around reads from, "posts", or several with dots
 * between: "posts.tags". It is looked up when the query is run, in the schema
 * of the connection; a misspelt one is DBC_ESCHEMA then and names the nearest.
 * `sub` (or NULL: all of them) is a query of the table that the path leads to;
 * copied.
 */
#ifndef DBCORE_RELATED_H
#define DBCORE_RELATED_H

#include "export.h"
#include "expr.h"
#include "query.h"
#include "relation.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether a row has such relatives: EXISTS, or NOT EXISTS. */
DBC_API dbc_expr dbc_expr_has(dbc_query *query, const char *path,
                              const dbc_query *sub, dbc_negation negation);

/**
 * The relation's own condition, for tables that have these aliases in the
 * query (NULL: their own names). 0 when it has none.
 */
DBC_API dbc_expr dbc_expr_relation(dbc_query *query,
                                   const dbc_relation *relation,
                                   const char *target_alias,
                                   const char *through_alias);

/** What can be asked of the relatives of a row. */
typedef enum dbc_related {
    DBC_RELATED_COUNT,
    DBC_RELATED_EXISTS,
    DBC_RELATED_SUM, /* of a column; NULL when there is none, as the others */
    DBC_RELATED_AVG,
    DBC_RELATED_MIN,
    DBC_RELATED_MAX
} dbc_related;

/**
 * One value about the relatives of a row: how many there are, whether there
 * is one, or something about column `column` of theirs (NULL for the first
 * two). `sub` filters and joins; it has no limit, order or grouping.
 */
DBC_API dbc_expr dbc_expr_related(dbc_query *query, dbc_related what,
                                  const char *path, const char *column,
                                  const dbc_query *sub);

#ifdef __cplusplus
}
#endif

#endif
