// What values and parameters in an expression have to fit: the type of what
// stands beside them. What does not fit fails the query.
#ifndef DBC_LANG_FIT_H
#define DBC_LANG_FIT_H

#include "tree.h"

typedef struct dbc__fit {
    dbc_type type;
    const dbc_column *column; // or NULL
} dbc__fit;

// What an expression asks of what stands beside it.
dbc__fit dbc__fit_of(const dbc_query *query, dbc_expr expr);

// Makes `expr` fit when it is a value or a parameter, whose node is the query's
// own.
void dbc__fit_value(dbc_query *query, dbc_expr expr, dbc__fit to);

// Makes `expr` fit `other`.
void dbc__fit_beside(dbc_query *query, dbc_expr expr, dbc_expr other);

// Makes both sides of an operator fit, as its kind demands. `b` may be 0.
void dbc__fit_operands(dbc_query *query, dbc_op op, dbc_expr a, dbc_expr b);

#endif
