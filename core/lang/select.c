// Writing SELECT: WITH, outputs, sources, conditions, order, limit, and the
// answers asked about a query. The order of the text is the order of this file.
#include "statement.h"

#include <string.h>

#include "compound.h"
#include "operator.h"
#include "ranked.h"
#include "restrict.h"
#include "row_check.h"

void dbc__statement_list(dbc__compiler *c, const dbc__clauses *clauses,
                         dbc__node_op op, const char *lead)
{
    uint32_t place, i = 0;

    while (dbc__clauses_next(clauses, op, &i, &place)) {
        dbc__put(c, lead);
        dbc__render(c, dbc__child(c, place));
        lead = ", ";
    }
}

// Gathers what the clauses `op` say; each AND counts as what it joins.
static size_t gather_conditions(const dbc__compiler *c,
                                const dbc__clauses *clauses, dbc__node_op op,
                                uint32_t *items)
{
    uint32_t place, i = 0;
    size_t count = 0;

    while (dbc__clauses_next(clauses, op, &i, &place))
        count += dbc__render_chain(c, dbc__child(c, place), DBC_OP_AND,
                                   DBC__LEFT, items ? items + count : NULL);
    return count;
}

void dbc__statement_conditions(dbc__compiler *c, const dbc__clauses *clauses,
                               dbc__node_op op, const char *lead)
{
    size_t count = gather_conditions(c, clauses, op, NULL);

    if (count == 0) return;
    uint32_t *items = dbc__arena_take_array(&c->scratch, count, sizeof *items);
    if (!items) {
        dbc__compiler_nomem(c);
        return;
    }
    gather_conditions(c, clauses, op, items);
    dbc__put(c, lead);
    dbc__render_joined(c, DBC_OP_AND, items, count);
}

// Whether the subquery at `place` reads the CTE `name`.
static int reads_itself(const dbc__compiler *c, uint32_t place,
                        const dbc__node *with)
{
    uint32_t begin = place - dbc__node_at(c, place)->a;
    const char *name = c->query->names + with->a;

    for (uint32_t i = begin; i < place; i++) {
        const dbc__node *node = dbc__node_at(c, i);
        if (node->op == DBC__CTE && node->u.at.c == with->len &&
            memcmp(c->query->names + node->u.at.b, name, with->len) == 0)
            return 1;
    }
    return 0;
}

void dbc__statement_with(dbc__compiler *c, const dbc__clauses *clauses)
{
    const char *lead = "WITH ";
    uint32_t place, i = 0;

    while (dbc__clauses_next(clauses, DBC__WITH, &i, &place)) {
        if (reads_itself(c, dbc__child(c, place), dbc__node_at(c, place)))
            lead = "WITH RECURSIVE ";
    }
    i = 0;
    while (dbc__clauses_next(clauses, DBC__WITH, &i, &place)) {
        const dbc__node *node = dbc__node_at(c, place);
        dbc__put(c, lead);
        dbc__render_name(c, c->query->names + node->a, node->len);
        dbc__put(c, " AS (");
        dbc__render_subquery(c, dbc__child(c, place), DBC__USE_ROWS);
        dbc__put(c, ")");
        lead = ", ";
    }
    if (clauses->count && lead[0] == ',') dbc__put(c, " ");
}

// ------------------------------------------------------------------ outputs

static void render_as(dbc__compiler *c, const dbc_output *output)
{
    dbc__put(c, " AS ");
    dbc__render_name(c, output->name, output->name_len);
}

// SELECT items that were named.
void dbc__statement_selected(dbc__compiler *c, const dbc__clauses *clauses,
                             dbc__node_op op, const dbc__outputs *outputs)
{
    uint32_t place, i = 0;
    size_t number = op == DBC__ALSO ? outputs->count - outputs->also : 0;

    while (dbc__clauses_next(clauses, op, &i, &place)) {
        uint32_t expr = dbc__child(c, place);
        const dbc__node *node = dbc__node_at(c, expr);
        const dbc_output *output = &outputs->items[number];

        if (number++) dbc__put(c, ", ");
        int checked = number == 1 && dbc__row_check_open(c);
        dbc__render(c, expr);
        if (checked) dbc__put(c, " END");
        const dbc_column *column = node->op == DBC__COLUMN ? node->u.ptr : NULL;
        if (!column || strlen(column->def.name) != output->name_len ||
            memcmp(column->def.name, output->name, output->name_len) != 0)
            render_as(c, output);
    }
}

// Nothing was selected: every column of every source.
void dbc__statement_all(dbc__compiler *c, const dbc__scope *scope,
                        dbc__naming naming)
{
    const char *gap = "";

    for (size_t i = 0; i < scope->count; i++) {
        const dbc__source *source = &scope->sources[i];
        for (size_t j = 0; j < source->output_count && !source->hidden; j++) {
            const dbc_output *output = &source->outputs[j];
            const char *name = output->name;
            size_t len = output->name_len;
            if (source->table) {
                const dbc_column *column = dbc_table_column(source->table, j);
                name = column->def.name;
                len = column->name_len;
            }
            dbc__put(c, gap);
            int checked = !*gap && dbc__row_check_open(c);
            if (!c->bare_columns) {
                dbc__render_name(c, source->name, source->name_len);
                dbc__put(c, ".");
            }
            dbc__render_name(c, name, len);
            if (checked) dbc__put(c, " END");
            if (naming == DBC__AS_ROWS_KNOW_IT && name != output->name)
                render_as(c, output);
            gap = ", ";
        }
    }
}

// ------------------------------------------------------------------ sources

// A table as it is in the database, under the name it has here.
static void render_plain(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = dbc__node_at(c, place);
    const char *name = dbc_table_sql_name(node->u.ptr);

    dbc__render_name(c, name, strlen(name));
    if (!node->len) return;
    dbc__put(c, " AS ");
    dbc__render_name(c, c->query->names + node->a, node->len);
}

static void render_source(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = dbc__node_at(c, place);

    if (node->op == DBC__TABLE) {
        dbc__restrict_source(c, place);
    } else if (node->op == DBC__CTE) {
        dbc__render_name(c, c->query->names + node->u.at.b, node->u.at.c);
    } else if (node->op == DBC__LISTED) {
        dbc__put(c, c->dialect->rows_open);
        dbc__render_list(c, dbc__child(c, place));
        dbc__put(c, c->dialect->rows_close);
    } else {
        dbc__put(c, "(");
        dbc__render_subquery(c, dbc__child(c, place), DBC__USE_ROWS);
        dbc__put(c, ")");
    }
    if (!node->len) return;
    dbc__put(c, " AS ");
    dbc__render_name(c, c->query->names + node->a, node->len);
    if (node->op == DBC__LISTED) dbc__put(c, c->dialect->rows_columns);
}

// What is behind the word of a join.
static void render_joined(dbc__compiler *c, uint32_t place,
                          const dbc__scope *scope)
{
    const dbc__node *node = dbc__node_at(c, place);
    uint32_t source = dbc__child(c, place);
    int on_rule = node->sub == DBC_JOIN_LEFT && dbc__restrict_joins(c, source);

    c->scope = scope->outer;
    if (on_rule)
        render_plain(c, source);
    else
        render_source(c, source);
    c->scope = scope;
    if (!node->u.at.c) return;
    dbc__put(c, " ON ");
    if (on_rule) {
        dbc__restrict_join(c, source);
        dbc__render_operand(c, dbc__at(place, node->u.at.c));
    } else {
        dbc__render(c, dbc__at(place, node->u.at.c));
    }
}

static void render_from(dbc__compiler *c, const dbc__clauses *clauses,
                        const dbc__scope *scope)
{
    static const char *const words[] = {[DBC_JOIN_INNER] = " JOIN ",
                                        [DBC_JOIN_LEFT] = " LEFT JOIN ",
                                        [DBC_JOIN_RIGHT] = " RIGHT JOIN ",
                                        [DBC_JOIN_FULL] = " FULL JOIN ",
                                        [DBC_JOIN_CROSS] = " CROSS JOIN "};
    uint32_t place, i = 0;

    if (dbc__clauses_last(clauses, DBC__FROM, &place)) {
        dbc__put(c, " FROM ");
        c->scope = scope->outer;
        render_source(c, dbc__child(c, place));
        c->scope = scope;
    }
    while (dbc__clauses_next(clauses, DBC__JOIN, &i, &place)) {
        const dbc__node *node = dbc__node_at(c, place);
        int outer = node->sub == DBC_JOIN_RIGHT || node->sub == DBC_JOIN_FULL;
        if (outer && !(c->dialect->can & DBC_CAN_RIGHT_JOIN)) {
            dbc__compiler_fail(c, DBC_EUNSUPPORTED,
                               "%s has no right or full join: turn it round "
                               "into a left join",
                               c->dialect->name);
            return;
        }
        dbc__put(c, words[node->sub]);
        render_joined(c, place, scope);
    }
}

void dbc__select_limit(dbc__compiler *c, const dbc__clauses *clauses)
{
    uint32_t limit, offset, answer;
    int has_limit = dbc__clauses_last(clauses, DBC__LIMIT, &limit);
    int has_offset = dbc__clauses_last(clauses, DBC__OFFSET, &offset);

    if (has_limit) {
        dbc__put(c, " LIMIT ");
        dbc__render(c, dbc__child(c, limit));
    } else if (dbc__clauses_last(clauses, DBC__ANSWER, &answer) &&
               dbc__node_at(c, answer)->sub == DBC_ANSWER_FIRST) {
        dbc__put(c, " LIMIT 1");
    } else if (has_offset) {
        dbc__put(c, " LIMIT ");
        dbc__put(c, c->dialect->no_limit);
    }
    if (!has_offset) return;
    dbc__put(c, " OFFSET ");
    dbc__render(c, dbc__child(c, offset));
}

// ------------------------------------------------------------------- select

// Everything behind the list of outputs.
static void render_tail(dbc__compiler *c, const dbc__clauses *clauses,
                        const dbc__scope *scope)
{
    render_from(c, clauses, scope);
    dbc__statement_conditions(c, clauses, DBC__WHERE, " WHERE ");
    dbc__statement_list(c, clauses, DBC__GROUP, " GROUP BY ");
    dbc__statement_conditions(c, clauses, DBC__HAVING, " HAVING ");
}

// The list of outputs. With DBC__USE_EXISTS nobody looks at it.
static void render_outputs(dbc__compiler *c, const dbc__clauses *clauses,
                           dbc__subquery_use use, dbc__outputs *outputs)
{
    int selected = dbc__clauses_have(clauses, DBC__SELECT);

    memset(outputs, 0, sizeof *outputs);
    // An order may speak of what with_count and the like add.
    if (use == DBC__USE_EXISTS && !selected &&
        !dbc__clauses_have(clauses, DBC__ALSO)) {
        dbc__put(c, "1");
        return;
    }
    if (dbc__outputs_of(outputs, c, clauses, c->scope) < 0) return;
    if (selected)
        dbc__statement_selected(c, clauses, DBC__SELECT, outputs);
    else
        dbc__statement_all(c, c->scope, DBC__AS_ROWS_KNOW_IT);
    dbc__statement_selected(c, clauses, DBC__ALSO, outputs);
    dbc__statement_list(c, clauses, DBC__HIDDEN, ", ");
}

static void render_simple(dbc__compiler *c, const dbc__clauses *clauses,
                          dbc__subquery_use use, dbc__outputs *outputs)
{
    const dbc__scope *before = c->scope;
    dbc__scope scope;
    int ranked = dbc__clauses_have(clauses, DBC__PER);

    memset(outputs, 0, sizeof *outputs);
    if (dbc__scope_build(&scope, c, clauses, before) < 0) return;
    c->scope = &scope;
    if (ranked) dbc__ranked_begin(c, clauses);
    dbc__put(c, "SELECT ");
    if (dbc__clauses_have(clauses, DBC__DISTINCT)) dbc__put(c, "DISTINCT ");
    render_outputs(c, clauses, use, outputs);
    if (ranked) dbc__ranked_number(c, clauses);
    render_tail(c, clauses, &scope);
    if (ranked) {
        dbc__ranked_end(c, clauses, outputs);
    } else {
        dbc__statement_list(c, clauses, DBC__ORDERED, " ORDER BY ");
        dbc__select_limit(c, clauses);
    }
    c->scope = before;
}

// -------------------------------------------------------------- statements

// A clause that a select does not have must not be dropped in silence.
static int check_select(dbc__compiler *c, const dbc__clauses *clauses)
{
    const char *stranger = dbc__clauses_stranger(clauses, DBC_SELECT);

    if (stranger == NULL) return c->status;
    if (!dbc__clauses_have(clauses, DBC__FROM) &&
        !dbc__clauses_have(clauses, DBC__COMBINE))
        return dbc__compiler_fail(c, DBC_EINVALID,
                                  "only a select can be used here");
    return dbc__compiler_fail(c, DBC_EINVALID,
                              "a select takes no %s: leave it out", stranger);
}

// SQLite takes the DISTINCT out of an EXISTS, and OFFSET counts the rows that
// should have been one: such a query is asked whole.
static void render_single(dbc__compiler *c, const dbc__clauses *clauses,
                          dbc__subquery_use use, dbc__outputs *outputs)
{
    int whole = use == DBC__USE_EXISTS &&
                dbc__clauses_have(clauses, DBC__DISTINCT) &&
                dbc__clauses_have(clauses, DBC__OFFSET);

    if (whole) dbc__put(c, "SELECT 1 FROM (");
    render_simple(c, clauses, whole ? DBC__USE_ROWS : use, outputs);
    if (whole) dbc__put(c, ")");
}

void dbc__select_render(dbc__compiler *c, const dbc__clauses *clauses,
                        dbc__subquery_use use, dbc__outputs *outputs)
{
    uint32_t combine;

    memset(outputs, 0, sizeof *outputs);
    if (dbc__scope_declare(c, clauses) < 0) return;
    dbc__statement_with(c, clauses);
    if (check_select(c, clauses) < 0) return;
    if (dbc__clauses_last(clauses, DBC__COMBINE, &combine)) {
        dbc__compound_render(c, clauses, combine, outputs);
    } else if (dbc__clauses_have(clauses, DBC__FROM)) {
        render_single(c, clauses, use, outputs);
    } else {
        dbc__compiler_fail(c, DBC_EINVALID, "only a select can be used here");
    }
}

void dbc__render_subquery(dbc__compiler *c, uint32_t place,
                          dbc__subquery_use use)
{
    const dbc__cte *ctes = c->ctes;
    dbc__clauses clauses;
    dbc__outputs outputs;
    int bare = c->bare_columns;

    if (c->status < 0) return;
    if (dbc__clauses_of(&clauses, c->query, place, &c->scratch) < 0) {
        dbc__compiler_nomem(c);
        return;
    }
    c->bare_columns = 0;
    dbc__select_render(c, &clauses, use, &outputs);
    c->bare_columns = bare;
    c->ctes = ctes;
    if (c->status < 0 || use == DBC__USE_EXISTS) return;
    if (use == DBC__USE_VALUE && outputs.count != 1)
        dbc__compiler_fail(c, DBC_EINVALID,
                           "a subquery used as a value must select one "
                           "column, this one selects %zu",
                           outputs.count);
    if (use == DBC__USE_ROWS && outputs.grouped)
        dbc__outputs_subquery(&outputs, c, place);
}

// ------------------------------------------------------------------ answers

// Whether count(*) may take the place of the select list.
static int counts_plainly(const dbc__clauses *clauses)
{
    static const dbc__node_op changing[] = {
        DBC__SELECT, DBC__DISTINCT, DBC__GROUP,  DBC__HAVING,
        DBC__LIMIT,  DBC__OFFSET,   DBC__COMBINE};

    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        if (dbc__clauses_have(clauses, changing[i])) return 0;
    return 1;
}

static void render_plain_count(dbc__compiler *c, const dbc__clauses *clauses)
{
    const dbc__scope *before = c->scope;
    dbc__scope scope;

    if (dbc__scope_declare(c, clauses) < 0) return;
    dbc__statement_with(c, clauses);
    if (dbc__scope_build(&scope, c, clauses, before) < 0) return;
    c->scope = &scope;
    dbc__put(c, "SELECT count(*)");
    render_tail(c, clauses, &scope);
    c->scope = before;
}

static int render_answer(dbc__compiler *c, const dbc__clauses *clauses,
                         dbc_answer answer, dbc__outputs *outputs)
{
    static const dbc_output count = {"count", 5, DBC_T_INTEGER, 0, 0, NULL};
    static const dbc_output exists = {"exists", 6, DBC_T_BOOLEAN, 0, 0, NULL};
    dbc__outputs inner;

    if (answer == DBC_ANSWER_EXISTS) {
        dbc__put(c, "SELECT EXISTS (");
        dbc__select_render(c, clauses, DBC__USE_EXISTS, &inner);
        dbc__put(c, ")");
    } else if (counts_plainly(clauses)) {
        render_plain_count(c, clauses);
    } else {
        dbc__put(c, "SELECT count(*) FROM (");
        dbc__select_render(c, clauses, DBC__USE_ROWS, &inner);
        dbc__put(c, ")");
    }
    memset(outputs, 0, sizeof *outputs);
    outputs->items = dbc__arena_take(&c->scratch, sizeof *outputs->items);
    if (!outputs->items) return dbc__compiler_nomem(c);
    outputs->items[0] = answer == DBC_ANSWER_EXISTS ? exists : count;
    outputs->count = 1;
    return c->status;
}

void dbc__statement_select(dbc__compiler *c, const dbc__clauses *clauses,
                           dbc__outputs *outputs)
{
    uint32_t answer;

    if (dbc__clauses_last(clauses, DBC__ANSWER, &answer) &&
        dbc__node_at(c, answer)->sub != DBC_ANSWER_FIRST)
        render_answer(c, clauses, (dbc_answer)dbc__node_at(c, answer)->sub,
                      outputs);
    else
        dbc__select_render(c, clauses, DBC__USE_ROWS, outputs);
}
