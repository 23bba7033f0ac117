/**
 * Clauses: the steps that make a query what it is. Each returns DBC_OK or the
 * first failure of the query, so a chain needs one check, at its end.
 */
#ifndef DBCORE_CLAUSE_H
#define DBCORE_CLAUSE_H

#include <stddef.h>

#include "column.h"
#include "export.h"
#include "query.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** SELECT … FROM table. `alias` may be NULL. */
DBC_API int dbc_query_from(dbc_query *query, const dbc_table *table,
                           const char *alias);

/** SELECT … FROM (sub) AS alias. */
DBC_API int dbc_query_from_query(dbc_query *query, const dbc_query *sub,
                                 const char *alias);

/** SELECT … FROM a name that dbc_query_with() declares. */
DBC_API int dbc_query_from_name(dbc_query *query, const char *name,
                                const char *alias);

/** The kinds of joins. */
typedef enum dbc_join {
    DBC_JOIN_INNER,
    DBC_JOIN_LEFT,
    DBC_JOIN_RIGHT,
    DBC_JOIN_FULL,
    DBC_JOIN_CROSS /* `on` is 0 */
} dbc_join;

/** JOIN table ON on. `alias` may be NULL; `on` is 0 for a cross join. */
DBC_API int dbc_query_join(dbc_query *query, dbc_join join,
                           const dbc_table *table, const char *alias,
                           dbc_expr on);
/** JOIN (sub) AS alias ON on. `sub` is copied. */
DBC_API int dbc_query_join_query(dbc_query *query, dbc_join join,
                                 const dbc_query *sub, const char *alias,
                                 dbc_expr on);
/** JOIN the CTE `name` ON on. `alias` may be NULL. */
DBC_API int dbc_query_join_name(dbc_query *query, dbc_join join,
                                const char *name, const char *alias,
                                dbc_expr on);

/** WITH name AS (sub). `sub` may read `name`: then it is recursive. */
DBC_API int dbc_query_with(dbc_query *query, const char *name,
                           const dbc_query *sub);

/** One more condition: all of them must hold. */
DBC_API int dbc_query_where(dbc_query *query, dbc_expr condition);

/**
 * One more output. `name` is its key in rows; NULL takes the expression's own
 * (a column's, one given with dbc_expr_as(), a function's). Two outputs of
 * one name are an error. Without any: every column of every table.
 */
DBC_API int dbc_query_select(dbc_query *query, dbc_expr expr, const char *name);

/**
 * One more output beside those there are: without a select, beside all
 * columns. In rows that are grouped by table it stands beside the groups.
 */
DBC_API int dbc_query_also(dbc_query *query, dbc_expr expr, const char *name);

/**
 * Loads the relatives of every row with it; see dbc_load_open(). Of
 * "posts.tags" both are loaded. `sub` (or NULL: all rows and columns) says
 * which ones, in which order and with which columns; its limit and offset hold
 * for each row that has relatives, and it may load on. Of two queries for one
 * path the last one counts.
 */
DBC_API int dbc_query_load(dbc_query *query, const char *path,
                           const dbc_query *sub);

/** Nothing is loaded with it after all. */
DBC_API int dbc_query_unload(dbc_query *query);

/** Whether `query` loads anything. */
DBC_API int dbc_query_has_loads(const dbc_query *query);

/** SELECT DISTINCT. */
DBC_API int dbc_query_distinct(dbc_query *query);
/** One more term of GROUP BY. */
DBC_API int dbc_query_group_by(dbc_query *query, dbc_expr expr);
/** HAVING; several are joined by AND. */
DBC_API int dbc_query_having(dbc_query *query, dbc_expr condition);
/** One more term of ORDER BY, maybe made by dbc_expr_order(). */
DBC_API int dbc_query_order_by(dbc_query *query, dbc_expr term);

/** The last call counts. A value is checked to be an integer from 0. */
DBC_API int dbc_query_limit(dbc_query *query, dbc_expr count);
/** OFFSET, as dbc_query_limit(). */
DBC_API int dbc_query_offset(dbc_query *query, dbc_expr count);

/** How two queries are combined. */
typedef enum dbc_set_op {
    DBC_UNION,
    DBC_UNION_ALL,
    DBC_INTERSECT,
    DBC_EXCEPT
} dbc_set_op;

/** Everything so far becomes the left side; order and limit come after. */
DBC_API int dbc_query_combine(dbc_query *query, dbc_set_op op,
                              const dbc_query *right);

/** INSERT INTO table. Values come from set, slot or insert_from. */
DBC_API int dbc_query_insert(dbc_query *query, const dbc_table *table);

/** UPDATE table. It must get a condition, or dbc_query_everywhere(). */
DBC_API int dbc_query_update(dbc_query *query, const dbc_table *table);

/** DELETE FROM table. It must get a condition, or dbc_query_everywhere(). */
DBC_API int dbc_query_delete(dbc_query *query, const dbc_table *table);

/** Says that every row is meant. */
DBC_API int dbc_query_everywhere(dbc_query *query);

/**
 * One column's new value, of an insert or an update. When the query is run a
 * value must obey the rules of its column, else the run is DBC_EVALIDATION;
 * what an expression gives is the database's to check.
 */
DBC_API int dbc_query_set(dbc_query *query, const dbc_column *column,
                          dbc_expr value);

/** Of an insert: this column's value is given at every run, in call order. */
DBC_API int dbc_query_slot(dbc_query *query, const dbc_column *column);

/** INSERT … SELECT: the outputs' names say which columns they fill. */
DBC_API int dbc_query_insert_from(dbc_query *query, const dbc_query *source);

/** ON CONFLICT (columns); no column: any conflict (only to do nothing). */
DBC_API int dbc_query_on_conflict(dbc_query *query,
                                  const dbc_column *const *columns,
                                  size_t count);

/** … DO NOTHING. */
DBC_API int dbc_query_conflict_ignore(dbc_query *query);

/** … DO UPDATE SET column = value. May be called for several columns. */
DBC_API int dbc_query_conflict_set(dbc_query *query, const dbc_column *column,
                                   dbc_expr value);

/** … WHERE condition, of the DO UPDATE. */
DBC_API int dbc_query_conflict_where(dbc_query *query, dbc_expr condition);

/** RETURNING expr; `expr` 0: every column of the table. */
DBC_API int dbc_query_returning(dbc_query *query, dbc_expr expr,
                                const char *name);

/** What a query is asked for in place of its rows. */
typedef enum dbc_answer {
    DBC_ANSWER_COUNT,  /* how many rows there are: one integer */
    DBC_ANSWER_EXISTS, /* whether there is one: 1 or 0 */
    DBC_ANSWER_FIRST   /* at most one row */
} dbc_answer;

/** Asks another question of the same rows. Must be the last step. */
DBC_API int dbc_query_answer(dbc_query *query, dbc_answer answer);

#ifdef __cplusplus
}
#endif

#endif
