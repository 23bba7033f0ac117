// Building expressions: each function appends a node that refers back to its
// operands. Values beside something of a known type are checked and stored as
// that type here, so that a wrong one is refused before any SQL exists.
#include "dbcore.h"

#include <string.h>

#include "error.h"
#include "name.h"
#include "tree.h"
#include "type.h"

static const uint8_t operands_of[] = {
#define OPERANDS(name, sql, operands) operands,
    DBC_OP_MAP(OPERANDS)
#undef OPERANDS
};

static dbc_expr add(dbc_query *query, dbc__node node)
{
    return query->status < 0 ? 0 : dbc__tree_add(query, &node);
}

static dbc__node *node_of(const dbc_query *query, dbc_expr expr)
{
    return expr && expr <= query->used.nodes ? &query->nodes[expr - 1] : NULL;
}

// What an operand's value has to fit.
typedef struct fit {
    dbc_type type;
    const dbc_column *column; // or NULL
} fit;

static fit fit_of(const dbc_query *query, dbc_expr expr)
{
    fit to = {DBC_T_ANY, NULL};
    to.type = dbc_expr_type(query, expr, &to.column);
    return to;
}

static int fit_value(dbc_query *query, dbc_value *value, fit to)
{
    dbc_error err; // filled when it does not fit

    if (dbc__type_encode(to.type, to.column, value, &err) == DBC_OK) return 1;
    dbc__tree_fail(query, err.code, "%s", err.message);
    return 0;
}

static void fit_list(dbc_query *query, dbc__slot *slot, fit to)
{
    for (uint32_t i = 0; i < slot->len; i++) {
        dbc_value item = dbc__slot_item(slot, query->bytes, i);
        if (item.type == DBC_NULL) {
            dbc__tree_fail(query, DBC_EINVALID,
                           "item %u of the list is NULL, which equals "
                           "nothing: leave it out and add is_null()",
                           (unsigned)i + 1);
            return;
        }
        if (!fit_value(query, &item, to)) return;
        dbc__slot_store_item(slot, query->bytes, i, &item);
    }
}

// Makes `expr`, when it is a value or a parameter, fit. A node that is the
// query's own may still change: nothing has hashed what changes here.
static void make_fit(dbc_query *query, dbc_expr expr, fit to)
{
    dbc__node *node = node_of(query, expr);

    if (!node || query->status < 0) return;
    if (node->op == DBC__VALUE) {
        dbc__slot *slot = &query->values[node->a];
        if (slot->type == DBC_LIST) {
            fit_list(query, slot, to);
            return;
        }
        dbc_value value = dbc__slot_view(slot, query->bytes);
        if (fit_value(query, &value, to)) dbc__slot_store(slot, &value);
    } else if (node->op == DBC__PARAM && node->sub == DBC_T_ANY &&
               to.type != DBC_T_ANY) {
        node->sub = (uint8_t)to.type;
        node->u.ptr = to.column;
        query->hash = dbc__hash_mix(query->hash, to.type);
    }
}

// Makes `expr` fit what stands beside it. Mostly it is nothing that could be
// made to, and then nobody has to know what that is.
static void fit_beside(dbc_query *query, dbc_expr expr, dbc_expr other)
{
    const dbc__node *node = node_of(query, expr);

    if (node && (node->op == DBC__VALUE || node->op == DBC__PARAM))
        make_fit(query, expr, fit_of(query, other));
}

void dbc__tree_fit(dbc_query *query, dbc_expr expr, dbc_type type,
                   const dbc_column *column)
{
    fit to = {type, column};
    make_fit(query, expr, to);
}

dbc_expr dbc_expr_column(dbc_query *query, const dbc_column *column,
                         const char *alias)
{
    dbc__node node = {.op = DBC__COLUMN, .u.ptr = column};
    if (alias && *alias && !dbc__tree_name(query, &node, alias, "alias"))
        return 0;
    return add(query, node);
}

dbc_expr dbc_expr_name(dbc_query *query, const char *source, const char *name,
                       dbc_type type)
{
    dbc__node node = {.op = DBC__NAME, .sub = (uint8_t)type};
    if (!dbc__tree_name(query, &node, source, "source")) return 0;
    if (!dbc__tree_name2(query, &node, name, "column")) return 0;
    return add(query, node);
}

dbc_expr dbc_expr_value(dbc_query *query, dbc_value value)
{
    dbc__node node = {.op = DBC__VALUE};
    if (!dbc__tree_value(query, &node.a, &value)) return 0;
    return add(query, node);
}

dbc_expr dbc_expr_param(dbc_query *query, const char *name)
{
    dbc__node node = {.op = DBC__PARAM};
    if (!dbc__tree_name(query, &node, name, "parameter")) return 0;
    return add(query, node);
}

dbc_expr dbc_expr_star(dbc_query *query)
{
    dbc__node node = {.op = DBC__STAR};
    return add(query, node);
}

static int is_null_value(const dbc_query *query, dbc_expr expr)
{
    const dbc__node *node = node_of(query, expr);
    return node && node->op == DBC__VALUE &&
           query->values[node->a].type == DBC_NULL;
}

static int is_order(const dbc_query *query, dbc_expr expr)
{
    const dbc__node *node = node_of(query, expr);
    return node && node->op == DBC__ORDER;
}

// What each side of an operator must fit, by kind of operator.
static void fit_operands(dbc_query *query, dbc_op op, dbc_expr a, dbc_expr b)
{
    static const fit number = {DBC_T_NUMERIC, NULL};
    static const fit text = {DBC_T_TEXT, NULL};
    static const fit truth = {DBC_T_BOOLEAN, NULL};

    switch (op) {
    case DBC_OP_EQ:
    case DBC_OP_NE:
    case DBC_OP_LT:
    case DBC_OP_LE:
    case DBC_OP_GT:
    case DBC_OP_GE:
    case DBC_OP_IS:
    case DBC_OP_IS_NOT:
        fit_beside(query, b, a);
        fit_beside(query, a, b);
        break;
    case DBC_OP_ADD:
    case DBC_OP_SUB:
    case DBC_OP_MUL:
    case DBC_OP_DIV:
    case DBC_OP_MOD:
    case DBC_OP_NEG:
        make_fit(query, a, number);
        make_fit(query, b, number);
        break;
    case DBC_OP_LIKE:
    case DBC_OP_NOT_LIKE:
    case DBC_OP_GLOB:
    case DBC_OP_REGEXP:
    case DBC_OP_MATCH:
        make_fit(query, b, text);
        break;
    case DBC_OP_ESCAPE:
        make_fit(query, a, text);
        make_fit(query, b, text);
        break;
    case DBC_OP_AND:
    case DBC_OP_OR:
    case DBC_OP_NOT:
        make_fit(query, a, truth);
        make_fit(query, b, truth);
        break;
    default:
        break;
    }
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
    fit_operands(query, op, a, b);
    return add(query, node);
}

dbc_expr dbc_expr_between(dbc_query *query, dbc_expr a, dbc_expr low,
                          dbc_expr high, dbc_negation negation)
{
    dbc__node node = {.op = DBC__BETWEEN, .sub = (uint8_t)negation};

    node.a = dbc__tree_back(query, a);
    node.u.at.b = dbc__tree_back(query, low);
    node.u.at.c = dbc__tree_back(query, high);
    if (query->status < 0) return 0;
    fit_beside(query, low, a);
    fit_beside(query, high, a);
    return add(query, node);
}

dbc_expr dbc_expr_in(dbc_query *query, dbc_expr a, dbc_expr set,
                     dbc_negation negation)
{
    dbc__node node = {.op = DBC__IN, .sub = (uint8_t)negation};
    const dbc__node *right = node_of(query, set);

    node.a = dbc__tree_back(query, a);
    node.u.at.b = dbc__tree_back(query, set);
    if (query->status < 0) return 0;
    if (right->op == DBC__VALUE && query->values[right->a].type != DBC_LIST) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "the right side of in_ must be a list, a query or a "
                       "parameter");
        return 0;
    }
    fit_beside(query, set, a);
    return add(query, node);
}

// Chains `count` items, the first of them last, so that the list reads
// forward. `*head` is the first cell, 0 for an empty list.
static int add_items(dbc_query *query, dbc_expr *head, const dbc_expr *items,
                     size_t count)
{
    *head = 0;
    for (size_t i = count; i > 0; i--) {
        dbc__node cell = {.op = DBC__ITEM};
        cell.a = dbc__tree_back(query, items[i - 1]);
        if (*head) cell.u.at.b = dbc__tree_back(query, *head);
        *head = add(query, cell);
        if (!*head) return 0;
    }
    return 1;
}

static int is_word(const char *name)
{
    if (!*name || (*name >= '0' && *name <= '9')) return 0;
    for (; *name; name++) {
        char c = *name;
        if (c >= 'a' && c <= 'z') continue;
        if (c >= 'A' && c <= 'Z') continue;
        if (c == '_' || (c >= '0' && c <= '9')) continue;
        return 0;
    }
    return 1;
}

dbc_expr dbc_expr_call(dbc_query *query, const char *name, const dbc_expr *args,
                       size_t count, dbc_call_form form)
{
    dbc__node node = {.op = DBC__CALL, .sub = (uint8_t)form};
    dbc__quoted quoted;
    dbc_expr head;

    if (!is_word(name)) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "%s is no name of a function: it may hold letters, "
                       "digits and _",
                       dbc__quote(&quoted, name, strlen(name)));
        return 0;
    }
    if (!add_items(query, &head, args, count)) return 0;
    if (head) node.u.at.b = dbc__tree_back(query, head);
    if (!dbc__tree_name(query, &node, name, "function")) return 0;
    return add(query, node);
}

dbc_expr dbc_expr_filter(dbc_query *query, dbc_expr call, dbc_expr condition)
{
    dbc__node node = {.op = DBC__FILTER};

    node.a = dbc__tree_back(query, call);
    node.u.at.b = dbc__tree_back(query, condition);
    if (query->status < 0) return 0;
    if (node_of(query, call)->op != DBC__CALL) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "filter belongs to a function such as count() or sum()");
        return 0;
    }
    return add(query, node);
}

static int is_frame_word(const char *word, size_t len)
{
    static const char *const words[] = {
        "rows",    "range",     "groups",    "between",   "and",
        "current", "unbounded", "preceding", "following", "row",
        "exclude", "no",        "others",    "group",     "ties"};
    size_t digits = 0;

    while (digits < len && word[digits] >= '0' && word[digits] <= '9')
        digits++;
    if (digits == len) return len <= 18;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (dbc__name_equal(word, len, words[i], strlen(words[i]))) return 1;
    return 0;
}

// A frame has a closed grammar: its words are checked one by one, and the
// database checks their order.
static int check_frame(dbc_query *query, const char *frame)
{
    const char *at = frame;
    dbc__quoted quoted;

    while (*at) {
        size_t len = strcspn(at, " \t\r\n");
        if (len && !is_frame_word(at, len)) {
            dbc__tree_fail(query, DBC_EINVALID,
                           "%s does not belong in a window frame, such as "
                           "\"rows between 1 preceding and current row\"",
                           dbc__quote(&quoted, at, len));
            return 0;
        }
        at += len;
        at += strspn(at, " \t\r\n");
    }
    return 1;
}

dbc_expr dbc_expr_over(dbc_query *query, dbc_expr call,
                       const dbc_window *window)
{
    dbc__node spec = {.op = DBC__WINDOW}, node = {.op = DBC__OVER};
    dbc_expr partition, order;

    if (query->status < 0) return 0;
    if (!add_items(query, &partition, window->partition_by,
                   window->partition_count))
        return 0;
    if (!add_items(query, &order, window->order_by, window->order_count))
        return 0;
    if (partition) spec.u.at.b = dbc__tree_back(query, partition);
    if (order) spec.u.at.c = dbc__tree_back(query, order);
    if (window->frame && *window->frame) {
        if (!check_frame(query, window->frame)) return 0;
        if (!dbc__tree_name(query, &spec, window->frame, "frame")) return 0;
    }
    dbc_expr made = add(query, spec);
    node.a = dbc__tree_back(query, call);
    node.u.at.b = dbc__tree_back(query, made);
    return add(query, node);
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
        if (base) make_fit(query, when[i - 1], fit_of(query, base));
        cell.a = dbc__tree_back(query, when[i - 1]);
        cell.u.at.b = dbc__tree_back(query, then[i - 1]);
        if (head) cell.u.at.c = dbc__tree_back(query, head);
        head = add(query, cell);
        if (!head) return 0;
    }
    if (base) node.a = dbc__tree_back(query, base);
    node.u.at.b = dbc__tree_back(query, head);
    if (otherwise) node.u.at.c = dbc__tree_back(query, otherwise);
    return add(query, node);
}

dbc_expr dbc_expr_cast(dbc_query *query, dbc_expr a, dbc_type type)
{
    dbc__node node = {.op = DBC__CAST, .sub = (uint8_t)type};
    node.u.at.b = dbc__tree_back(query, a);
    return add(query, node);
}

dbc_expr dbc_expr_collate(dbc_query *query, dbc_expr a, const char *name)
{
    dbc__node node = {.op = DBC__COLLATE};
    if (!dbc__tree_name(query, &node, name, "collation")) return 0;
    node.u.at.b = dbc__tree_back(query, a);
    return add(query, node);
}

dbc_expr dbc_expr_order(dbc_query *query, dbc_expr a, dbc_order order)
{
    dbc__node node = {.op = DBC__ORDER, .sub = (uint8_t)order};
    node.u.at.b = dbc__tree_back(query, a);
    return add(query, node);
}

dbc_expr dbc_expr_as(dbc_query *query, dbc_expr a, const char *name)
{
    dbc__node node = {.op = DBC__AS};
    if (!dbc__tree_name(query, &node, name, "name")) return 0;
    node.u.at.b = dbc__tree_back(query, a);
    return add(query, node);
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
    if (!add_items(query, &head, args, count)) return 0;
    if (head) node.u.at.c = dbc__tree_back(query, head);
    if (!dbc__tree_text(query, &node, text, len)) return 0;
    return add(query, node);
}

dbc_expr dbc_expr_raw(dbc_query *query, const char *text, size_t len)
{
    dbc__node node = {.op = DBC__RAW};
    if (!dbc__tree_text(query, &node, text, len)) return 0;
    return add(query, node);
}

dbc_expr dbc_expr_query(dbc_query *query, const dbc_query *sub)
{
    dbc__node node = {.op = DBC__QUERY, .a = sub->used.nodes};
    if (!dbc_query_append(query, sub)) {
        dbc__tree_fail(query, DBC_EINVALID, "the subquery is empty");
        return 0;
    }
    return add(query, node);
}

dbc_expr dbc_expr_exists(dbc_query *query, dbc_expr sub, dbc_negation negation)
{
    dbc__node node = {.op = DBC__EXISTS, .sub = (uint8_t)negation};

    node.u.at.b = dbc__tree_back(query, sub);
    if (query->status < 0) return 0;
    if (node_of(query, sub)->op != DBC__QUERY) {
        dbc__tree_fail(query, DBC_EINVALID, "exists takes a query");
        return 0;
    }
    return add(query, node);
}

dbc_expr dbc_expr_excluded(dbc_query *query, const char *column)
{
    dbc__node node = {.op = DBC__EXCLUDED};
    if (!dbc__tree_name(query, &node, column, "column")) return 0;
    return add(query, node);
}
