// Building clauses: each function appends what a step said. What makes no
// sense together is found when the query is compiled; here only what a single
// step can know is checked.
#include <string.h>

#include "error.h"
#include "fit.h"
#include "type.h"

static int add(dbc_query *query, dbc__node node)
{
    if (query->status == DBC_OK) dbc__tree_add(query, &node);
    return query->status;
}

// A clause that is one expression.
static int add_expr(dbc_query *query, dbc__node_op op, dbc_expr expr)
{
    dbc__node node = {.op = (uint8_t)op};
    node.u.at.b = dbc__tree_back(query, expr);
    return add(query, node);
}

// An order is no value: where else it would be the database's syntax error.
static int refuse_order(dbc_query *query, dbc_expr expr, const char *clause,
                        const char *due)
{
    if (query->status < 0 || expr == 0 || expr > query->used.nodes)
        return query->status;
    if (query->nodes[expr - 1].op != DBC__ORDER) return DBC_OK;
    return dbc__tree_fail(query, DBC_EINVALID,
                          "%s takes %s: asc() and desc() belong in order_by",
                          clause, due);
}

static dbc_expr add_table(dbc_query *query, const dbc_table *table,
                          const char *alias)
{
    dbc__node node = {.op = DBC__TABLE, .u.ptr = table};
    if (alias && *alias && !dbc__tree_name(query, &node, alias, "alias"))
        return 0;
    return add(query, node) < 0 ? 0 : query->used.nodes;
}

static dbc_expr add_subselect(dbc_query *query, const dbc_query *sub,
                              const char *alias)
{
    dbc__node node = {.op = DBC__SUBSELECT};
    dbc_expr inner = dbc_expr_query(query, sub);

    if (!inner || !dbc__tree_name(query, &node, alias, "alias")) return 0;
    node.u.at.b = dbc__tree_back(query, inner);
    return add(query, node) < 0 ? 0 : query->used.nodes;
}

static dbc_expr add_cte(dbc_query *query, const char *name, const char *alias)
{
    dbc__node node = {.op = DBC__CTE};
    if (alias && *alias && !dbc__tree_name(query, &node, alias, "alias"))
        return 0;
    if (!dbc__tree_name2(query, &node, name, "name")) return 0;
    return add(query, node) < 0 ? 0 : query->used.nodes;
}

static int join(dbc_query *query, dbc_join kind, dbc_expr source, dbc_expr on)
{
    dbc__node node = {.op = DBC__JOIN, .sub = (uint8_t)kind};

    if (kind == DBC_JOIN_CROSS && on)
        return dbc__tree_fail(query, DBC_EINVALID,
                              "a cross join takes no condition: use join");
    if (kind != DBC_JOIN_CROSS && !on)
        return dbc__tree_fail(query, DBC_EINVALID,
                              "the join has no condition: say on what, or use "
                              "cross_join");
    if (refuse_order(query, on, "a join", "a condition") < 0)
        return query->status;
    node.u.at.b = dbc__tree_back(query, source);
    if (on) node.u.at.c = dbc__tree_back(query, on);
    return add(query, node);
}

int dbc_query_from(dbc_query *query, const dbc_table *table, const char *alias)
{
    return add_expr(query, DBC__FROM, add_table(query, table, alias));
}

int dbc_query_from_query(dbc_query *query, const dbc_query *sub,
                         const char *alias)
{
    return add_expr(query, DBC__FROM, add_subselect(query, sub, alias));
}

int dbc_query_from_name(dbc_query *query, const char *name, const char *alias)
{
    return add_expr(query, DBC__FROM, add_cte(query, name, alias));
}

int dbc_query_join(dbc_query *query, dbc_join kind, const dbc_table *table,
                   const char *alias, dbc_expr on)
{
    return join(query, kind, add_table(query, table, alias), on);
}

int dbc_query_join_query(dbc_query *query, dbc_join kind, const dbc_query *sub,
                         const char *alias, dbc_expr on)
{
    return join(query, kind, add_subselect(query, sub, alias), on);
}

int dbc_query_join_name(dbc_query *query, dbc_join kind, const char *name,
                        const char *alias, dbc_expr on)
{
    return join(query, kind, add_cte(query, name, alias), on);
}

int dbc_query_with(dbc_query *query, const char *name, const dbc_query *sub)
{
    dbc__node node = {.op = DBC__WITH};
    dbc_expr inner = dbc_expr_query(query, sub);

    if (!inner || !dbc__tree_name(query, &node, name, "name"))
        return query->status;
    node.u.at.b = dbc__tree_back(query, inner);
    return add(query, node);
}

// A condition is something true or false: a bound value of another type is a
// slip, such as where("x = 1").
static int check_condition(dbc_query *query, dbc_expr expr, const char *clause)
{
    if (query->status < 0 || expr == 0 || expr > query->used.nodes)
        return query->status;
    const dbc__node *node = &query->nodes[expr - 1];
    if (node->op != DBC__VALUE)
        return refuse_order(query, expr, clause, "a condition");
    if (query->values[node->a].type == DBC_BOOL) return DBC_OK;
    return dbc__tree_fail(query, DBC_EINVALID,
                          "%s takes a condition, not a plain value", clause);
}

int dbc_query_where(dbc_query *query, dbc_expr condition)
{
    if (check_condition(query, condition, "where") < 0) return query->status;
    return add_expr(query, DBC__WHERE, condition);
}

int dbc_query_having(dbc_query *query, dbc_expr condition)
{
    if (check_condition(query, condition, "having") < 0) return query->status;
    return add_expr(query, DBC__HAVING, condition);
}

int dbc_query_select(dbc_query *query, dbc_expr expr, const char *name)
{
    dbc__node node = {.op = DBC__SELECT};
    if (refuse_order(query, expr, "select", "an expression") < 0)
        return query->status;
    if (name && !dbc__tree_name(query, &node, name, "name"))
        return query->status;
    node.u.at.b = dbc__tree_back(query, expr);
    return add(query, node);
}

int dbc_query_distinct(dbc_query *query)
{
    dbc__node node = {.op = DBC__DISTINCT};
    return add(query, node);
}

int dbc_query_group_by(dbc_query *query, dbc_expr expr)
{
    if (refuse_order(query, expr, "group_by", "an expression") < 0)
        return query->status;
    return add_expr(query, DBC__GROUP, expr);
}

int dbc_query_order_by(dbc_query *query, dbc_expr term)
{
    return add_expr(query, DBC__ORDERED, term);
}

// LIMIT and OFFSET are whole numbers from 0: checked here when bound, and as
// an integer when a parameter.
static int add_count(dbc_query *query, dbc__node_op op, dbc_expr count,
                     const char *clause)
{
    if (query->status < 0 || count == 0 || count > query->used.nodes)
        return add_expr(query, op, count);

    dbc__node *node = &query->nodes[count - 1];
    if (node->op == DBC__PARAM && node->sub == DBC_T_ANY)
        node->sub = DBC_T_INTEGER;
    if (node->op != DBC__VALUE) return add_expr(query, op, count);

    dbc_value value = dbc__slot_view(&query->values[node->a], query->bytes);
    if (dbc__type_encode(DBC_T_INTEGER, NULL, &value, NULL) < 0 ||
        value.type != DBC_INT || value.as.i < 0)
        return dbc__tree_fail(query, DBC_EINVALID,
                              "%s takes a whole number from 0", clause);
    dbc__slot_store(&query->values[node->a], &value);
    return add_expr(query, op, count);
}

int dbc_query_limit(dbc_query *query, dbc_expr count)
{
    return add_count(query, DBC__LIMIT, count, "limit");
}

int dbc_query_offset(dbc_query *query, dbc_expr count)
{
    return add_count(query, DBC__OFFSET, count, "offset");
}

int dbc_query_combine(dbc_query *query, dbc_set_op op, const dbc_query *right)
{
    dbc__node left = {.op = DBC__QUERY, .a = query->used.nodes};
    dbc__node node = {.op = DBC__COMBINE, .sub = (uint8_t)op};

    if (add(query, left) < 0) return query->status;
    dbc_expr first = query->used.nodes;
    dbc_expr second = dbc_expr_query(query, right);
    node.u.at.b = dbc__tree_back(query, first);
    node.u.at.c = dbc__tree_back(query, second);
    return add(query, node);
}

static int add_pointer(dbc_query *query, dbc__node_op op, const void *ptr)
{
    dbc__node node = {.op = (uint8_t)op, .u.ptr = ptr};
    return add(query, node);
}

int dbc_query_insert(dbc_query *query, const dbc_table *table)
{
    return add_pointer(query, DBC__INSERT, table);
}

int dbc_query_update(dbc_query *query, const dbc_table *table)
{
    return add_pointer(query, DBC__UPDATE, table);
}

int dbc_query_delete(dbc_query *query, const dbc_table *table)
{
    return add_pointer(query, DBC__DELETE, table);
}

int dbc_query_everywhere(dbc_query *query)
{
    dbc__node node = {.op = DBC__EVERYWHERE};
    return add(query, node);
}

static int check_writable(dbc_query *query, const dbc_column *column)
{
    int is_own = column->position >= dbc_table_column_count(column->table);
    dbc__quoted quoted;

    if (!column->def.generated && !is_own) return DBC_OK;
    return dbc__tree_fail(
        query, DBC_EINVALID, "column %s is %s: it cannot be written",
        dbc__quote(&quoted, column->def.name, column->name_len),
        is_own ? "the full-text index's own" : "generated");
}

// Whether `value` is bound: then it is checked with all the others of its row,
// when the query is run.
static int is_bound(const dbc_query *query, dbc_expr value)
{
    return value != 0 && value <= query->used.nodes &&
           query->nodes[value - 1].op == DBC__VALUE;
}

static int add_set(dbc_query *query, dbc__node_op op, const dbc_column *column,
                   dbc_expr value)
{
    dbc__node node = {.op = (uint8_t)op, .u.ptr = column};

    if (check_writable(query, column) < 0) return query->status;
    node.a = dbc__tree_back(query, value);
    if (!is_bound(query, value)) {
        const dbc__fit to = {column->def.type, column};
        dbc__fit_value(query, value, to);
    }
    return add(query, node);
}

int dbc_query_set(dbc_query *query, const dbc_column *column, dbc_expr value)
{
    return add_set(query, DBC__SET, column, value);
}

int dbc_query_slot(dbc_query *query, const dbc_column *column)
{
    if (check_writable(query, column) < 0) return query->status;
    return add_pointer(query, DBC__SLOT, column);
}

int dbc_query_insert_from(dbc_query *query, const dbc_query *source)
{
    return add_expr(query, DBC__INSERT_FROM, dbc_expr_query(query, source));
}

int dbc_query_on_conflict(dbc_query *query, const dbc_column *const *columns,
                          size_t count)
{
    dbc__node node = {.op = DBC__CONFLICT};

    add(query, node);
    for (size_t i = 0; i < count; i++)
        add_pointer(query, DBC__CONFLICT_COLUMN, columns[i]);
    return query->status;
}

int dbc_query_conflict_ignore(dbc_query *query)
{
    dbc__node node = {.op = DBC__CONFLICT_IGNORE};
    return add(query, node);
}

int dbc_query_conflict_set(dbc_query *query, const dbc_column *column,
                           dbc_expr value)
{
    return add_set(query, DBC__CONFLICT_SET, column, value);
}

int dbc_query_conflict_where(dbc_query *query, dbc_expr condition)
{
    if (check_condition(query, condition, "where") < 0) return query->status;
    return add_expr(query, DBC__CONFLICT_WHERE, condition);
}

int dbc_query_returning(dbc_query *query, dbc_expr expr, const char *name)
{
    dbc__node node = {.op = DBC__RETURNING};

    if (refuse_order(query, expr, "returning", "an expression") < 0)
        return query->status;
    if (name && !dbc__tree_name(query, &node, name, "name"))
        return query->status;
    if (expr) node.u.at.b = dbc__tree_back(query, expr);
    return add(query, node);
}

int dbc_query_answer(dbc_query *query, dbc_answer answer)
{
    dbc__node node = {.op = DBC__ANSWER, .sub = (uint8_t)answer};
    return add(query, node);
}
