/**
 * Expressions: columns, values, operators, calls. Each is made inside of a
 * query and good only there. The text of every name is copied.
 */
#ifndef DBCORE_EXPR_H
#define DBCORE_EXPR_H

#include <stddef.h>

#include "column.h"
#include "export.h"
#include "query.h"
#include "type.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A column. `alias` is the one its table has in the query, or NULL. */
DBC_API dbc_expr dbc_expr_column(dbc_query *query, const dbc_column *column,
                                 const char *alias);

/**
 * Column `name` of the subquery or CTE known as `source` in the query.
 * DBC_T_ANY: the type is looked up when the query is compiled.
 */
DBC_API dbc_expr dbc_expr_name(dbc_query *query, const char *source,
                               const char *name, dbc_type type);

/**
 * A bound value, copied. Beside a column (in a comparison, a SET, …) it must
 * fit the column's type. NULL is allowed; see DBC_OP_EQ.
 */
DBC_API dbc_expr dbc_expr_value(dbc_query *query, dbc_value value);

/** A parameter: its value comes by name when the query is run. */
DBC_API dbc_expr dbc_expr_param(dbc_query *query, const char *name);

/** A `*`, for count(*). */
DBC_API dbc_expr dbc_expr_star(dbc_query *query);

/** Operators: name, SQL, and how many operands. */
#define DBC_OP_MAP(X)                                                    \
    X(EQ, "=", 2)  /* with NULL: IS NULL */                              \
    X(NE, "<>", 2) /* with NULL: IS NOT NULL */                          \
    X(LT, "<", 2)                                                        \
    X(LE, "<=", 2)                                                       \
    X(GT, ">", 2)                                                        \
    X(GE, ">=", 2)                                                       \
    X(IS, "IS", 2)                                                       \
    X(IS_NOT, "IS NOT", 2)                                               \
    X(LIKE, "LIKE", 2)                                                   \
    X(NOT_LIKE, "NOT LIKE", 2)                                           \
    X(ESCAPE, "ESCAPE", 2) /* right of LIKE: pattern ESCAPE character */ \
    X(GLOB, "GLOB", 2)                                                   \
    X(MATCH, "MATCH", 2)                                                 \
    X(REGEXP, "REGEXP", 2)                                               \
    X(ADD, "+", 2)                                                       \
    X(SUB, "-", 2)                                                       \
    X(MUL, "*", 2)                                                       \
    X(DIV, "/", 2)                                                       \
    X(MOD, "%", 2)                                                       \
    X(CONCAT, "||", 2)                                                   \
    X(AND, "AND", 2)                                                     \
    X(OR, "OR", 2)                                                       \
    X(NOT, "NOT", 1)                                                     \
    X(NEG, "-", 1)                                                       \
    X(IS_NULL, "IS NULL", 1)                                             \
    X(IS_NOT_NULL, "IS NOT NULL", 1)

/** The operators of DBC_OP_MAP. */
typedef enum dbc_op {
#define DBC_OP_ENUM(name, sql, operands) DBC_OP_##name,
    DBC_OP_MAP(DBC_OP_ENUM)
#undef DBC_OP_ENUM
} dbc_op;

/** `a op b`; for an operator with one operand `b` is 0. */
DBC_API dbc_expr dbc_expr_op(dbc_query *query, dbc_op op, dbc_expr a,
                             dbc_expr b);

/** Whether a condition is meant or its opposite. */
typedef enum dbc_negation { DBC_PLAIN, DBC_NEGATED } dbc_negation;

/** `a BETWEEN low AND high`, or NOT BETWEEN. */
DBC_API dbc_expr dbc_expr_between(dbc_query *query, dbc_expr a, dbc_expr low,
                                  dbc_expr high, dbc_negation negation);

/**
 * `a IN (…)`, or NOT IN. `set` is a DBC_LIST value of any length (bound as
 * one parameter; an empty one is false, or true when negated), a parameter
 * (then a DBC_LIST is given at run time) or a subquery.
 */
DBC_API dbc_expr dbc_expr_in(dbc_query *query, dbc_expr a, dbc_expr set,
                             dbc_negation negation);

/** How a function is called: with all values or with each one once. */
typedef enum dbc_call_form { DBC_CALL, DBC_CALL_DISTINCT } dbc_call_form;

/** A function of the database by name: letters, digits and `_` only. */
DBC_API dbc_expr dbc_expr_call(dbc_query *query, const char *name,
                               const dbc_expr *args, size_t count,
                               dbc_call_form form);

/** `call FILTER (WHERE condition)`: an aggregate over some rows. */
DBC_API dbc_expr dbc_expr_filter(dbc_query *query, dbc_expr call,
                                 dbc_expr condition);

/** A window: any part may be empty. */
typedef struct dbc_window {
    const dbc_expr *partition_by;
    size_t partition_count;
    const dbc_expr *order_by;
    size_t order_count;
    const char *frame; /* "rows between 1 preceding and current row", or NULL */
} dbc_window;

/** `call OVER (window)`. A frame with a word that is no frame's is refused. */
DBC_API dbc_expr dbc_expr_over(dbc_query *query, dbc_expr call,
                               const dbc_window *window);

/**
 * `CASE [base] WHEN when[0] THEN then[0] … [ELSE otherwise] END`; `base` and
 * `otherwise` may be 0.
 */
DBC_API dbc_expr dbc_expr_case(dbc_query *query, dbc_expr base,
                               const dbc_expr *when, const dbc_expr *then,
                               size_t count, dbc_expr otherwise);

/** `CAST(a AS type)`; the result has that type. */
DBC_API dbc_expr dbc_expr_cast(dbc_query *query, dbc_expr a, dbc_type type);

/** `a COLLATE name`. */
DBC_API dbc_expr dbc_expr_collate(dbc_query *query, dbc_expr a,
                                  const char *name);

/** A direction, and where NULL stands. */
typedef enum dbc_order {
    DBC_ASC,
    DBC_DESC,
    DBC_ASC_NULLS_LAST,
    DBC_DESC_NULLS_FIRST
} dbc_order;

/** A term of ORDER BY. */
DBC_API dbc_expr dbc_expr_order(dbc_query *query, dbc_expr a, dbc_order order);

/** `a` under another name: the key it gets in rows. */
DBC_API dbc_expr dbc_expr_as(dbc_query *query, dbc_expr a, const char *name);

/**
 * SQL text of your own, in which each `?` outside literals and comments stands
 * for one of `args`. The only ways to put text into a query are this and
 * dbc_expr_raw(). The count must match, else DBC_EINVALID.
 */
DBC_API dbc_expr dbc_expr_sql(dbc_query *query, const char *text, size_t len,
                              const dbc_expr *args, size_t count);

/** SQL text as it is. Never give it text that came from outside. */
DBC_API dbc_expr dbc_expr_raw(dbc_query *query, const char *text, size_t len);

/** A query as a value, as the set of IN, or for dbc_expr_exists(). Copied. */
DBC_API dbc_expr dbc_expr_query(dbc_query *query, const dbc_query *sub);

/** `EXISTS (sub)`, or NOT EXISTS. `sub` comes from dbc_expr_query(). */
DBC_API dbc_expr dbc_expr_exists(dbc_query *query, dbc_expr sub,
                                 dbc_negation negation);

/**
 * What term `i`, from 0, of the order of `ordered` stands for, without its
 * direction; of the name of an output, that output. So an order can be said
 * again as a condition. 0 when there is none, or when it is other text with a
 * direction in it, which is no failure.
 */
DBC_API dbc_expr dbc_expr_ordered(dbc_query *query, const dbc_query *ordered,
                                  size_t i);

/** How many terms the order of `query` has, text counted as one. */
DBC_API size_t dbc_query_order_count(const dbc_query *query);

/** In ON CONFLICT … UPDATE: the value that was to be inserted. */
DBC_API dbc_expr dbc_expr_excluded(dbc_query *query, const char *column);

/**
 * The type of an expression as far as it is known, and the column it is taken
 * from when it is one (`*column`, may be NULL).
 */
DBC_API dbc_type dbc_expr_type(const dbc_query *query, dbc_expr expr,
                               const dbc_column **column);

#ifdef __cplusplus
}
#endif

#endif
