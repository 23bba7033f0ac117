// Set operations. Each side is a SELECT of its own; what cannot stand there as
// it is gets wrapped in one.
#include "compound.h"

// Whether an operand of a set operation must be wrapped to stand there.
static int must_wrap(const dbc__clauses *operand, int right)
{
    static const dbc__node_op inner[] = {DBC__ORDERED, DBC__LIMIT, DBC__OFFSET};

    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        if (dbc__clauses_have(operand, inner[i])) return 1;
    return right && (dbc__clauses_have(operand, DBC__COMBINE) ||
                     dbc__clauses_have(operand, DBC__WITH));
}

static void render_combined(dbc__compiler *c, uint32_t query, int right,
                            dbc__outputs *outputs)
{
    dbc__clauses operand;

    if (dbc__clauses_of(&operand, c->query, query, &c->scratch) < 0) {
        dbc__compiler_nomem(c);
        return;
    }
    if (must_wrap(&operand, right)) {
        dbc__outputs_subquery(outputs, c, query);
        dbc__put(c, "SELECT * FROM (");
        dbc__render_subquery(c, query, DBC__USE_ROWS);
        dbc__put(c, ")");
        return;
    }
    dbc__select_render(c, &operand, DBC__USE_ROWS, outputs);
    if (outputs->grouped && c->status == DBC_OK) {
        dbc__outputs_subquery(outputs, c, query);
        outputs->grouped = 0;
    }
}

static void check_compound(dbc__compiler *c, const dbc__clauses *clauses)
{
    for (uint32_t i = 0; i < clauses->count; i++) {
        switch (dbc__node_at(c, clauses->places[i])->op) {
        case DBC__COMBINE:
        case DBC__ORDERED:
        case DBC__LIMIT:
        case DBC__OFFSET:
        case DBC__ANSWER:
            break;
        default:
            dbc__compiler_fail(c, DBC_EINVALID,
                               "a union, intersect or except takes order_by, "
                               "limit and offset: to filter or join it, name "
                               "it with :as and start from that");
            return;
        }
    }
}

// ORDER BY of a compound knows only outputs: a column there means the output
// that shows it.
static void render_compound_order(dbc__compiler *c, uint32_t place,
                                  const dbc__outputs *outputs)
{
    const dbc__node *node = dbc__node_at(c, place);

    if (node->op == DBC__ORDER) {
        render_compound_order(c, dbc__child(c, place), outputs);
        if (node->sub == DBC_DESC || node->sub == DBC_DESC_NULLS_FIRST)
            dbc__put(c, " DESC");
        if (node->sub == DBC_ASC_NULLS_LAST) dbc__put(c, " NULLS LAST");
        if (node->sub == DBC_DESC_NULLS_FIRST) dbc__put(c, " NULLS FIRST");
        return;
    }
    for (size_t i = 0; node->op == DBC__COLUMN && i < outputs->count; i++) {
        const dbc_output *output = &outputs->items[i];
        if (output->column != node->u.ptr) continue;
        dbc__render_name(c, output->name, output->name_len);
        return;
    }
    if (node->op != DBC__RAW && node->op != DBC__SQL) {
        dbc__compiler_fail(c, DBC_EINVALID,
                           "a union, intersect or except is ordered by one of "
                           "the columns it selects");
        return;
    }
    dbc__render(c, place);
}

void dbc__compound_render(dbc__compiler *c, const dbc__clauses *clauses,
                          uint32_t combine, dbc__outputs *outputs)
{
    static const char *const words[] = {[DBC_UNION] = " UNION ",
                                        [DBC_UNION_ALL] = " UNION ALL ",
                                        [DBC_INTERSECT] = " INTERSECT ",
                                        [DBC_EXCEPT] = " EXCEPT "};
    const dbc__node *node = dbc__node_at(c, combine);
    const char *lead = " ORDER BY ";
    dbc__outputs right = {0};
    uint32_t place, i = 0;

    check_compound(c, clauses);
    render_combined(c, dbc__at(combine, node->u.at.b), 0, outputs);
    dbc__put(c, words[node->sub]);
    render_combined(c, dbc__at(combine, node->u.at.c), 1, &right);
    if (c->status == DBC_OK && outputs->count != right.count)
        dbc__compiler_fail(c, DBC_EINVALID,
                           "both sides of%smust select as many columns: %zu "
                           "are not %zu",
                           words[node->sub], outputs->count, right.count);
    while (c->status == DBC_OK &&
           dbc__clauses_next(clauses, DBC__ORDERED, &i, &place)) {
        dbc__put(c, lead);
        render_compound_order(c, dbc__child(c, place), outputs);
        lead = ", ";
    }
    dbc__select_limit(c, clauses);
}
