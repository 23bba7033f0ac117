// Taking expressions out of a query, to say them again somewhere else: nodes
// that an expression is made of may lie apart, so they are marked from the back
// and copied from the front.
#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "clauses.h"
#include "scan.h"

// Marks all that the marked nodes up to `last` refer to.
static void mark_all(const dbc_query *query, uint32_t last, uint8_t *marks)
{
    for (uint32_t i = last + 1; i-- > 0;) {
        const dbc__node *node = &query->nodes[i];
        if (!marks[i]) continue;
        if (node->op == DBC__QUERY)
            memset(marks + i - node->a, 1, node->a);
        else
            dbc__tree_mark(node, i, marks);
    }
}

// Copies the expression at `place` of `src` behind the others.
static dbc_expr copy(dbc_query *query, const dbc_query *src, uint32_t place,
                     dbc__arena *scratch)
{
    uint8_t *marks = dbc__arena_take(scratch, place + 1u);
    uint32_t *map = dbc__arena_take_array(scratch, place + 1u, sizeof *map);
    dbc_expr made = 0;

    if (!marks || !map) {
        dbc__tree_fail(query, DBC_ENOMEM, "out of memory");
        return 0;
    }
    memset(marks, 0, place + 1u);
    marks[place] = 1;
    mark_all(src, place, marks);
    for (uint32_t i = 0; i <= place && query->status == DBC_OK; i++) {
        dbc__node node = src->nodes[i];
        if (!marks[i]) continue;
        if (node.op != DBC__QUERY) dbc__tree_redirect(query, &node, i, map);
        if (node.op == DBC__VALUE)
            dbc__tree_copy_value(query, &node.a, src);
        else
            dbc__tree_adopt(query, &node, src);
        made = query->status < 0 ? 0 : dbc__tree_add(query, &node);
        map[i] = made;
    }
    return query->status < 0 ? 0 : made;
}

// Whether the text ends with the direction of an order.
static int has_direction(const char *text, size_t len)
{
    static const char *const words[] = {"ASC", "DESC", "FIRST", "LAST"};
    dbc__token last = {.kind = DBC__TOKEN_END};

    while (len > 0) {
        dbc__token token = dbc__scan_token(text, len);
        if (token.kind != DBC__TOKEN_SPACE) last = token;
        text += token.len;
        len -= token.len;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (dbc__scan_is_word(&last, words[i])) return 1;
    return 0;
}

// The output that has the name with which the text begins, plus one; or 0.
static uint32_t find_output(const dbc__clauses *clauses, const char *text,
                            size_t len)
{
    const dbc_query *query = clauses->query;
    const char *end = len ? memchr(text + 1, '"', len - 1) : NULL;

    if (!end || text[0] != '"') return 0;
    len = (size_t)(end - text) - 1;
    for (uint32_t i = 0; i < clauses->count; i++) {
        uint32_t at = clauses->places[i];
        const dbc__node *node = &query->nodes[at];
        if (node->op != DBC__SELECT && node->op != DBC__ALSO) continue;
        if (node->len == len &&
            memcmp(query->names + node->a, text + 1, len) == 0)
            return dbc__at(at, node->u.at.b) + 1;
    }
    return 0;
}

// The place of what the term at `place` stands for, plus one. Text is the name
// of an output, a direction behind it or not; other text with a direction in
// it is none that could stand elsewhere: 0.
static uint32_t find_term(const dbc__clauses *clauses, uint32_t place)
{
    const dbc_query *query = clauses->query;
    const dbc__node *node = &query->nodes[place];
    const char *text = query->names + node->a;

    if (node->op != DBC__RAW && node->op != DBC__SQL) return place + 1;
    uint32_t output = find_output(clauses, text, node->u.at.b);
    if (output) return output;
    return has_direction(text, node->u.at.b) ? 0 : place + 1;
}

size_t dbc_query_order_count(const dbc_query *query)
{
    size_t count = 0;

    for (uint32_t i = query->used.nodes; i > 0;) {
        const dbc__node *node = &query->nodes[--i];
        count += node->op == DBC__ORDERED;
        if (node->op == DBC__QUERY) i -= node->a;
    }
    return count;
}

dbc_expr dbc_expr_ordered(dbc_query *query, const dbc_query *ordered, size_t i)
{
    dbc__arena scratch;
    dbc__clauses clauses;
    uint32_t place, at = 0;
    dbc_expr made = 0;

    if (query->status < 0) return 0;
    dbc__arena_init(&scratch, dbc__alloc_or_default(query->alloc));
    if (dbc__clauses_collect(&clauses, ordered, 0, ordered->used.nodes,
                             &scratch) < 0) {
        dbc__tree_fail(query, DBC_ENOMEM, "out of memory");
        goto cleanup;
    }
    do {
        if (!dbc__clauses_next(&clauses, DBC__ORDERED, &at, &place))
            goto cleanup;
    } while (i-- > 0);
    place = dbc__at(place, ordered->nodes[place].u.at.b);
    if (ordered->nodes[place].op == DBC__ORDER)
        place = dbc__at(place, ordered->nodes[place].u.at.b);
    uint32_t found = find_term(&clauses, place);
    if (found) made = copy(query, ordered, found - 1, &scratch);

cleanup:
    dbc__arena_dispose(&scratch);
    return made;
}
