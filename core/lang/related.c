// Building words about relations. A query has only their paths: which tables
// and columns those mean is for a schema to say, and expand.c asks it.
#include <string.h>

#include "error.h"
#include "tree.h"

// Sets the name of `node` to a path: names with dots between.
static int set_path(dbc_query *query, dbc__node *node, const char *path)
{
    dbc__quoted quoted;

    if (!dbc__tree_name(query, node, path, "relation")) return 0;
    if (*path != '.' && path[strlen(path) - 1] != '.' && !strstr(path, ".."))
        return 1;
    dbc__tree_fail(query, DBC_EINVALID,
                   "%s is no path of relations, such as \"posts.tags\"",
                   dbc__quote(&quoted, path, strlen(path)));
    return 0;
}

// Sets `b` of `node` to a copy of `sub`, or leaves it when that is NULL.
static int set_query(dbc_query *query, dbc__node *node, const dbc_query *sub)
{
    if (sub == NULL) return query->status == DBC_OK;
    dbc_expr made = dbc_expr_query(query, sub);
    if (!made) return 0;
    node->u.at.b = dbc__tree_back(query, made);
    return 1;
}

dbc_expr dbc_expr_has(dbc_query *query, const char *path, const dbc_query *sub,
                      dbc_negation negation)
{
    dbc__node node = {.op = DBC__HAS, .sub = (uint8_t)negation};

    if (!set_query(query, &node, sub) || !set_path(query, &node, path))
        return 0;
    return dbc__tree_add(query, &node);
}

// The node of a column's name, 0 when there is none or no name is due.
static dbc_expr add_field(dbc_query *query, dbc_related what,
                          const char *column)
{
    dbc__node node = {.op = DBC__FIELD};
    int is_due = what != DBC_RELATED_COUNT && what != DBC_RELATED_EXISTS;

    if (query->status < 0) return 0;
    if ((column != NULL) != is_due) {
        dbc__tree_fail(query, DBC_EINVALID,
                       is_due ? "which column of the relatives is meant?"
                              : "how many relatives there are is no question "
                                "of a column");
        return 0;
    }
    if (!is_due || !dbc__tree_name(query, &node, column, "column")) return 0;
    return dbc__tree_add(query, &node);
}

dbc_expr dbc_expr_related(dbc_query *query, dbc_related what, const char *path,
                          const char *column, const dbc_query *sub)
{
    dbc__node node = {.op = DBC__RELATED, .sub = (uint8_t)what};
    dbc_expr field = add_field(query, what, column);

    if (query->status < 0) return 0;
    dbc_expr related = sub ? dbc_expr_query(query, sub) : 0;
    if (!set_path(query, &node, path)) return 0;
    if (field) node.u.at.c = dbc__tree_back(query, field);
    if (related) node.u.at.b = dbc__tree_back(query, related);
    return query->status < 0 ? 0 : dbc__tree_add(query, &node);
}

int dbc_query_also(dbc_query *query, dbc_expr expr, const char *name)
{
    dbc__node node = {.op = DBC__ALSO};

    if (name && !dbc__tree_name(query, &node, name, "name"))
        return query->status;
    node.u.at.b = dbc__tree_back(query, expr);
    if (query->status == DBC_OK) dbc__tree_add(query, &node);
    return query->status;
}

int dbc_query_load(dbc_query *query, const char *path, const dbc_query *sub)
{
    dbc__node node = {.op = DBC__LOAD};

    if (set_query(query, &node, sub) && set_path(query, &node, path))
        dbc__tree_add(query, &node);
    return query->status;
}

// The nodes of a subquery stand before its QUERY node and are skipped.
int dbc_query_has_loads(const dbc_query *query)
{
    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];

        if (node->op == DBC__LOAD) return 1;
        if (node->op == DBC__UNLOAD) return 0;
        if (node->op == DBC__QUERY) i -= node->a;
    }
    return 0;
}

int dbc_query_unload(dbc_query *query)
{
    dbc__node node = {.op = DBC__UNLOAD};

    if (query->status == DBC_OK) dbc__tree_add(query, &node);
    return query->status;
}

// A column of one of the two tables bears the alias that its table has here.
static int set_alias(dbc_query *query, dbc__node *node,
                     const dbc_relation *relation, const char *target_alias,
                     const char *through_alias)
{
    const dbc_column *column = node->u.ptr;
    const char *alias =
        column->table == relation->target ? target_alias : through_alias;

    if (!alias || !*alias) return 1;
    return dbc__tree_name(query, node, alias, "alias");
}

// Nodes are copied one by one and stay as far apart as they were.
dbc_expr dbc_expr_relation(dbc_query *query, const dbc_relation *relation,
                           const char *target_alias, const char *through_alias)
{
    const dbc_query *where = relation->where;
    dbc_expr root = 0;

    for (uint32_t i = 0; where && i < where->used.nodes; i++) {
        dbc__node node = where->nodes[i];

        if (query->status < 0) return 0;
        if (node.op == DBC__VALUE) {
            dbc__tree_copy_value(query, &node.a, where);
        } else {
            dbc__tree_adopt(query, &node, where);
        }
        if (node.op == DBC__COLUMN &&
            !set_alias(query, &node, relation, target_alias, through_alias))
            return 0;
        root = query->status < 0 ? 0 : dbc__tree_add(query, &node);
    }
    return root;
}
