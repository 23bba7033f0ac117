// Rows are numbered within each value by a window, and the statement around
// picks by number. Names of outputs may come twice inside, so they are c1, c2,
// … there. With DISTINCT the rows are made distinct first and numbered then,
// when there is nothing left to order them by but what they show.
#include "ranked.h"

#include <string.h>

#include "name.h"

static int is_distinct(const dbc__clauses *clauses)
{
    return dbc__clauses_have(clauses, DBC__DISTINCT);
}

static size_t count_hidden(const dbc__clauses *clauses)
{
    uint32_t place, i = 0;
    size_t count = 0;

    while (dbc__clauses_next(clauses, DBC__HIDDEN, &i, &place))
        count++;
    return count;
}

static void put_column(dbc__compiler *c, size_t number)
{
    dbc__put(c, "c");
    dbc_buf_add_int(&c->text, (int64_t)number);
}

static void put_columns(dbc__compiler *c, size_t count)
{
    for (size_t i = 1; i <= count; i++) {
        if (i > 1) dbc__put(c, ", ");
        put_column(c, i);
    }
}

void dbc__ranked_begin(dbc__compiler *c, const dbc__clauses *clauses)
{
    dbc__outputs outputs;

    if (dbc__outputs_of(&outputs, c, clauses, c->scope) < 0) return;
    size_t count = outputs.count + count_hidden(clauses);
    dbc__put(c, "SELECT ");
    put_columns(c, count);
    dbc__put(c, is_distinct(clauses) ? " FROM (WITH _distinct("
                                     : " FROM (WITH _ranked(");
    put_columns(c, count);
    dbc__put(c, is_distinct(clauses) ? ") AS (" : ", rank) AS (");
}

void dbc__ranked_number(dbc__compiler *c, const dbc__clauses *clauses)
{
    uint32_t per;

    if (is_distinct(clauses) || !dbc__clauses_last(clauses, DBC__PER, &per))
        return;
    dbc__put(c, ", row_number() OVER (PARTITION BY ");
    dbc__render(c, dbc__child(c, per));
    dbc__statement_list(c, clauses, DBC__ORDERED, " ORDER BY ");
    dbc__put(c, ")");
}

// ----------------------------------------------------------------- distinct

static int is_same_column(const dbc__compiler *c, uint32_t a, uint32_t b)
{
    const dbc__node *x = dbc__node_at(c, a), *y = dbc__node_at(c, b);
    const char *names = c->query->names;

    return x->op == DBC__COLUMN && y->op == DBC__COLUMN &&
           x->u.ptr == y->u.ptr &&
           dbc__name_equal(names + x->a, x->len, names + y->a, y->len);
}

// The number of the output, from 1, that shows the expression at `term`; 0
// when none does.
static size_t find_output(const dbc__compiler *c, const dbc__clauses *clauses,
                          const dbc__outputs *outputs, uint32_t term)
{
    uint32_t place, i = 0;
    size_t number = 0;

    while (dbc__clauses_next(clauses, DBC__SELECT, &i, &place)) {
        uint32_t shown = dbc__child(c, place);
        while (dbc__node_at(c, shown)->op == DBC__AS)
            shown = dbc__child(c, shown);
        number++;
        if (shown == term || is_same_column(c, shown, term)) return number;
    }
    if (number) return 0;
    const dbc__node *node = dbc__node_at(c, term);
    for (size_t k = 0; node->op == DBC__COLUMN && k < outputs->count; k++)
        if (outputs->items[k].column == node->u.ptr) return k + 1;
    return 0;
}

static void put_direction(dbc__compiler *c, int order)
{
    if (order == DBC_DESC || order == DBC_DESC_NULLS_FIRST)
        dbc__put(c, " DESC");
    if (order == DBC_ASC_NULLS_LAST) dbc__put(c, " NULLS LAST");
    if (order == DBC_DESC_NULLS_FIRST) dbc__put(c, " NULLS FIRST");
}

// The order of distinct rows, by the numbers of their outputs.
static void render_order(dbc__compiler *c, const dbc__clauses *clauses,
                         const dbc__outputs *outputs)
{
    const char *lead = " ORDER BY ";
    uint32_t place, i = 0;

    while (c->status == DBC_OK &&
           dbc__clauses_next(clauses, DBC__ORDERED, &i, &place)) {
        uint32_t term = dbc__child(c, place);
        int order = DBC_ASC;
        if (dbc__node_at(c, term)->op == DBC__ORDER) {
            order = dbc__node_at(c, term)->sub;
            term = dbc__child(c, term);
        }
        size_t number = find_output(c, clauses, outputs, term);
        if (!number)
            dbc__compiler_fail(
                c, DBC_EINVALID,
                "a relation that is loaded with distinct and a limit for each "
                "row is ordered by columns or names it selects: of rows that "
                "are one there is nothing else that is the same");
        dbc__put(c, lead);
        put_column(c, number);
        put_direction(c, order);
        lead = ", ";
    }
}

// Behind the SELECT DISTINCT: `count` columns, of which the last is what the
// rows are numbered within.
static void number_distinct(dbc__compiler *c, const dbc__clauses *clauses,
                            const dbc__outputs *outputs, size_t count)
{
    dbc__put(c, "), _ranked(");
    put_columns(c, count);
    dbc__put(c, ", rank) AS (SELECT *, row_number() OVER (PARTITION BY ");
    put_column(c, count);
    render_order(c, clauses, outputs);
    dbc__put(c, ") FROM _distinct");
}

void dbc__ranked_end(dbc__compiler *c, const dbc__clauses *clauses,
                     const dbc__outputs *outputs)
{
    uint32_t limit, offset;
    int has_limit = dbc__clauses_last(clauses, DBC__LIMIT, &limit);
    int has_offset = dbc__clauses_last(clauses, DBC__OFFSET, &offset);
    size_t count = outputs->count + count_hidden(clauses);

    if (is_distinct(clauses)) number_distinct(c, clauses, outputs, count);
    dbc__put(c, ") SELECT * FROM _ranked) WHERE ");
    if (has_offset) {
        dbc__put(c, "rank > ");
        dbc__render(c, dbc__child(c, offset));
        if (has_limit) dbc__put(c, " AND ");
    }
    if (has_limit) {
        dbc__put(c, "rank <= ");
        dbc__render(c, dbc__child(c, limit));
    }
    if (has_limit && has_offset) {
        dbc__put(c, " + ");
        dbc__render(c, dbc__child(c, offset));
    }
    dbc__put(c, " ORDER BY ");
    put_column(c, count);
    dbc__put(c, ", rank");
}
