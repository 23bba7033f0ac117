// Building expressions: each function appends a node that refers back to its
// operands. Values are made to fit what they stand beside.
#include "expr.h"

#include "fit.h"

static const uint8_t operands_of[] = {
#define OPERANDS(name, sql, operands) operands,
    DBC_OP_MAP(OPERANDS)
#undef OPERANDS
};

dbc_expr dbc_expr_column(dbc_query *query, const dbc_column *column,
                         const char *alias)
{
    dbc__node node = {.op = DBC__COLUMN, .u.ptr = column};
    if (alias && *alias && !dbc__tree_name(query, &node, alias, "alias"))
        return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_name(dbc_query *query, const char *source, const char *name,
                       dbc_type type)
{
    dbc__node node = {.op = DBC__NAME, .sub = (uint8_t)type};
    if (!dbc__tree_name(query, &node, source, "source")) return 0;
    if (!dbc__tree_name2(query, &node, name, "column")) return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_value(dbc_query *query, dbc_value value)
{
    dbc__node node = {.op = DBC__VALUE};
    if (!dbc__tree_value(query, &node.a, &value)) return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_param(dbc_query *query, const char *name)
{
    dbc__node node = {.op = DBC__PARAM};
    if (!dbc__tree_name(query, &node, name, "parameter")) return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_star(dbc_query *query)
{
    dbc__node node = {.op = DBC__STAR};
    return dbc__expr_add(query, node);
}

static int is_null_value(const dbc_query *query, dbc_expr expr)
{
    const dbc__node *node = dbc__expr_node(query, expr);
    return node && node->op == DBC__VALUE &&
           query->values[node->a].type == DBC_NULL;
}

static int is_order(const dbc_query *query, dbc_expr expr)
{
    const dbc__node *node = dbc__expr_node(query, expr);
    return node && node->op == DBC__ORDER;
}

dbc_expr dbc_expr_op(dbc_query *query, dbc_op op, dbc_expr a, dbc_expr b)
{
    dbc__node node = {.op = DBC__OP};

    if (query->status < 0) return 0;
    if (is_order(query, a) || is_order(query, b)) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "asc() and desc() belong in order_by, as the last that "
                       "is said of an expression");
        return 0;
    }
    // NULL equals nothing, not even NULL: what is meant is a test for it.
    if (op == DBC_OP_EQ && is_null_value(query, b)) op = DBC_OP_IS_NULL;
    if (op == DBC_OP_NE && is_null_value(query, b)) op = DBC_OP_IS_NOT_NULL;
    if (operands_of[op] == 2) node.u.at.b = dbc__tree_back(query, b);
    node.sub = (uint8_t)op;
    node.a = dbc__tree_back(query, a);
    if (query->status < 0) return 0;
    dbc__fit_operands(query, op, a, b);
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_between(dbc_query *query, dbc_expr a, dbc_expr low,
                          dbc_expr high, dbc_negation negation)
{
    dbc__node node = {.op = DBC__BETWEEN, .sub = (uint8_t)negation};

    node.a = dbc__tree_back(query, a);
    node.u.at.b = dbc__tree_back(query, low);
    node.u.at.c = dbc__tree_back(query, high);
    if (query->status < 0) return 0;
    dbc__fit_beside(query, low, a);
    dbc__fit_beside(query, high, a);
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_in(dbc_query *query, dbc_expr a, dbc_expr set,
                     dbc_negation negation)
{
    dbc__node node = {.op = DBC__IN, .sub = (uint8_t)negation};

    node.a = dbc__tree_back(query, a);
    node.u.at.b = dbc__tree_back(query, set);
    if (query->status < 0) return 0;
    const dbc__node *right = &query->nodes[set - 1];
    if (right->op == DBC__VALUE && query->values[right->a].type != DBC_LIST) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "the right side of in_ must be a list, a query or a "
                       "parameter");
        return 0;
    }
    dbc__fit_beside(query, set, a);
    return dbc__expr_add(query, node);
}

// The first of them is added last, so that the list reads forward.
int dbc__expr_items(dbc_query *query, dbc_expr *head, const dbc_expr *items,
                    size_t count)
{
    *head = 0;
    for (size_t i = count; i > 0; i--) {
        dbc__node cell = {.op = DBC__ITEM};
        cell.a = dbc__tree_back(query, items[i - 1]);
        if (*head) cell.u.at.b = dbc__tree_back(query, *head);
        *head = dbc__expr_add(query, cell);
        if (!*head) return 0;
    }
    return 1;
}

dbc_expr dbc_expr_case(dbc_query *query, dbc_expr base, const dbc_expr *when,
                       const dbc_expr *then, size_t count, dbc_expr otherwise)
{
    dbc__node node = {.op = DBC__CASE};
    dbc_expr head = 0;

    if (count == 0) {
        dbc__tree_fail(query, DBC_EINVALID, "case has no when(…)");
        return 0;
    }
    for (size_t i = count; i > 0; i--) {
        dbc__node cell = {.op = DBC__WHEN};
        if (base) dbc__fit_value(query, when[i - 1], dbc__fit_of(query, base));
        cell.a = dbc__tree_back(query, when[i - 1]);
        cell.u.at.b = dbc__tree_back(query, then[i - 1]);
        if (head) cell.u.at.c = dbc__tree_back(query, head);
        head = dbc__expr_add(query, cell);
        if (!head) return 0;
    }
    if (base) node.a = dbc__tree_back(query, base);
    node.u.at.b = dbc__tree_back(query, head);
    if (otherwise) node.u.at.c = dbc__tree_back(query, otherwise);
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_cast(dbc_query *query, dbc_expr a, dbc_type type)
{
    dbc__node node = {.op = DBC__CAST, .sub = (uint8_t)type};
    node.u.at.b = dbc__tree_back(query, a);
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_collate(dbc_query *query, dbc_expr a, const char *name)
{
    dbc__node node = {.op = DBC__COLLATE};
    if (!dbc__tree_name(query, &node, name, "collation")) return 0;
    node.u.at.b = dbc__tree_back(query, a);
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_order(dbc_query *query, dbc_expr a, dbc_order order)
{
    dbc__node node = {.op = DBC__ORDER, .sub = (uint8_t)order};
    node.u.at.b = dbc__tree_back(query, a);
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_as(dbc_query *query, dbc_expr a, const char *name)
{
    dbc__node node = {.op = DBC__AS};
    if (!dbc__tree_name(query, &node, name, "name")) return 0;
    node.u.at.b = dbc__tree_back(query, a);
    return dbc__expr_add(query, node);
}

// Skips a literal, quoted name or comment that begins at `at`; returns the
// byte behind it, or `at` when none begins there.
static const char *skip_quoted(const char *at, const char *end)
{
    char quote = *at;

    if (quote == '[') quote = ']';
    if (quote == '\'' || quote == '"' || quote == '`' || quote == ']') {
        for (at++; at < end && *at != quote; at++)
            continue;
        return at < end ? at + 1 : end;
    }
    if (end - at >= 2 && at[0] == '-' && at[1] == '-') {
        while (at < end && *at != '\n')
            at++;
        return at;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '*') {
        for (at += 2; at < end; at++)
            if (end - at >= 2 && at[0] == '*' && at[1] == '/') return at + 2;
        return end;
    }
    return at;
}

const char *dbc__sql_mark(const char *at, const char *end)
{
    while (at < end) {
        const char *behind = skip_quoted(at, end);
        if (behind != at) {
            at = behind;
            continue;
        }
        if (*at == '?') return at;
        at++;
    }
    return end;
}

static size_t count_marks(const char *text, size_t len)
{
    const char *end = text + len;
    size_t count = 0;

    for (const char *at = dbc__sql_mark(text, end); at < end;
         at = dbc__sql_mark(at + 1, end))
        count++;
    return count;
}

dbc_expr dbc_expr_sql(dbc_query *query, const char *text, size_t len,
                      const dbc_expr *args, size_t count)
{
    dbc__node node = {.op = DBC__SQL};
    size_t marks = count_marks(text, len);
    dbc_expr head;

    if (marks != count) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "the SQL text has %zu placeholder%s but %zu value%s",
                       marks, marks == 1 ? "" : "s", count,
                       count == 1 ? " was given" : "s were given");
        return 0;
    }
    if (!dbc__expr_items(query, &head, args, count)) return 0;
    if (head) node.u.at.c = dbc__tree_back(query, head);
    if (!dbc__tree_text(query, &node, text, len)) return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_raw(dbc_query *query, const char *text, size_t len)
{
    dbc__node node = {.op = DBC__RAW};
    if (!dbc__tree_text(query, &node, text, len)) return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_query(dbc_query *query, const dbc_query *sub)
{
    dbc__node node = {.op = DBC__QUERY, .a = sub->used.nodes};
    if (!dbc_query_append(query, sub)) {
        dbc__tree_fail(query, DBC_EINVALID, "the subquery is empty");
        return 0;
    }
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_exists(dbc_query *query, dbc_expr sub, dbc_negation negation)
{
    dbc__node node = {.op = DBC__EXISTS, .sub = (uint8_t)negation};

    node.u.at.b = dbc__tree_back(query, sub);
    if (query->status < 0) return 0;
    if (query->nodes[sub - 1].op != DBC__QUERY) {
        dbc__tree_fail(query, DBC_EINVALID, "exists takes a query");
        return 0;
    }
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_excluded(dbc_query *query, const char *column)
{
    dbc__node node = {.op = DBC__EXCLUDED};
    if (!dbc__tree_name(query, &node, column, "column")) return 0;
    return dbc__expr_add(query, node);
}
