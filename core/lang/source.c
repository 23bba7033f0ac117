// What a query reads from and gives, asked by name while it is being built.
// Only its own level is looked at: the nodes of a subquery stand before its
// QUERY node and are skipped.
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

size_t dbc_query_find_column(dbc_source_column *out, const dbc_query *query,
                             const char *name)
{
    size_t len = strlen(name), found = 0;

    // From behind, so that the first one is kept.
    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];

        if (node->op == DBC__QUERY) i -= node->a;
        if (node->op != DBC__TABLE || node->sub) continue;
        const dbc_column *column = dbc_table_find(node->u.ptr, name, len, NULL);
        if (!column) continue;
        out->column = column;
        out->alias = node->len ? query->names + node->a : NULL;
        out->alias_len = node->len;
        found++;
    }
    return found;
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

// The name that an output's expression brings along, or NULL.
static const char *own_name(const dbc_query *query, uint32_t place, size_t *len)
{
    const dbc__node *node = &query->nodes[place];

    while (node->op == DBC__COLLATE || node->op == DBC__CAST ||
           node->op == DBC__FILTER || node->op == DBC__OVER) {
        int first = node->op == DBC__FILTER || node->op == DBC__OVER;
        place -= first ? node->a : node->u.at.b;
        node = &query->nodes[place];
    }
    *len = node->len;
    if (node->op == DBC__AS || node->op == DBC__CALL)
        return query->names + node->a;
    if (node->op == DBC__NAME) {
        *len = node->u.at.c;
        return query->names + node->u.at.b;
    }
    if (node->op != DBC__COLUMN) return NULL;
    const dbc_column_def *def = &((const dbc_column *)node->u.ptr)->def;
    const char *name = def->as ? def->as : def->name;
    *len = strlen(name);
    return name;
}

int dbc_query_has_output(const dbc_query *query, const char *name)
{
    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];
        const char *known = query->names + node->a;
        size_t len = node->len;

        if (node->op == DBC__QUERY) i -= node->a;
        if (node->op != DBC__SELECT && node->op != DBC__ALSO) continue;
        if (!len) known = own_name(query, i - node->u.at.b, &len);
        if (known && dbc__name_equal(known, len, name, strlen(name))) return 1;
    }
    return 0;
}
