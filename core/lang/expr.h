// What builders of expressions share: nodes that are added and looked at.
#ifndef DBC_LANG_EXPR_H
#define DBC_LANG_EXPR_H

#include "tree.h"

// 0 when the query has failed.
static inline dbc_expr dbc__expr_add(dbc_query *query, dbc__node node)
{
    return query->status < 0 ? 0 : dbc__tree_add(query, &node);
}

// NULL when there is no such expression.
static inline dbc__node *dbc__expr_node(const dbc_query *query, dbc_expr expr)
{
    return expr && expr <= query->used.nodes ? &query->nodes[expr - 1] : NULL;
}

// Chains items. `*head` is the first cell, 0 for an empty list. Returns 0 when
// the query has failed.
int dbc__expr_items(dbc_query *query, dbc_expr *head, const dbc_expr *items,
                    size_t count);

#endif
