// What a query reads from, asked by name while it is being built. Only its
// own level is looked at: the nodes of a subquery stand before its QUERY node
// and are skipped.
#include <string.h>

#include "name.h"
#include "tree.h"

// The name a source node is known by, or NULL when `node` is none.
static const char *name_of_source(const dbc_query *query, const dbc__node *node,
                                  size_t *len)
{
    int is_source = node->op == DBC__TABLE || node->op == DBC__SUBSELECT ||
                    node->op == DBC__CTE;

    if (!is_source) return NULL;
    *len = node->len;
    if (node->len) return query->names + node->a;
    if (node->op == DBC__TABLE) {
        const dbc_table *table = node->u.ptr;
        const char *name = dbc_table_describe(table)->name;
        *len = strlen(name);
        return name;
    }
    *len = node->u.at.c;
    return query->names + node->u.at.b;
}

int dbc_query_has_source(const dbc_query *query, const char *name)
{
    size_t wanted = strlen(name);

    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];
        size_t len = 0;

        if (node->op == DBC__QUERY) {
            i -= node->a;
            continue;
        }
        const char *known = name_of_source(query, node, &len);
        if (known && dbc__name_equal(known, len, name, wanted)) return 1;
    }
    return 0;
}

int dbc_query_has_with(const dbc_query *query, const char *name)
{
    size_t wanted = strlen(name);

    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];

        if (node->op == DBC__QUERY)
            i -= node->a;
        else if (node->op == DBC__WITH &&
                 dbc__name_equal(query->names + node->a, node->len, name,
                                 wanted))
            return 1;
    }
    return 0;
}
