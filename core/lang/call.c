// Building calls: a function and its arguments, what filters an aggregate, and
// the window it looks over.
#include "dbcore.h"

#include <string.h>

#include "error.h"
#include "expr.h"
#include "name.h"

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
    if (!dbc__expr_items(query, &head, args, count)) return 0;
    if (head) node.u.at.b = dbc__tree_back(query, head);
    if (!dbc__tree_name(query, &node, name, "function")) return 0;
    return dbc__expr_add(query, node);
}

dbc_expr dbc_expr_filter(dbc_query *query, dbc_expr call, dbc_expr condition)
{
    dbc__node node = {.op = DBC__FILTER};

    node.a = dbc__tree_back(query, call);
    node.u.at.b = dbc__tree_back(query, condition);
    if (query->status < 0) return 0;
    if (query->nodes[call - 1].op != DBC__CALL) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "filter belongs to a function such as count() or sum()");
        return 0;
    }
    return dbc__expr_add(query, node);
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
    if (!dbc__expr_items(query, &partition, window->partition_by,
                         window->partition_count))
        return 0;
    if (!dbc__expr_items(query, &order, window->order_by, window->order_count))
        return 0;
    if (partition) spec.u.at.b = dbc__tree_back(query, partition);
    if (order) spec.u.at.c = dbc__tree_back(query, order);
    if (window->frame && *window->frame) {
        if (!check_frame(query, window->frame)) return 0;
        if (!dbc__tree_name(query, &spec, window->frame, "frame")) return 0;
    }
    dbc_expr made = dbc__expr_add(query, spec);
    node.a = dbc__tree_back(query, call);
    node.u.at.b = dbc__tree_back(query, made);
    return dbc__expr_add(query, node);
}
