// One walk over an expression. Operators inside operators get parentheses, so
// that no table of precedence has to agree with the database's.
#include "render.h"

#include <string.h>

#include "error.h"
#include "name.h"
#include "operator.h"
#include "restrict.h"
#include "suggest.h"

// As deep as SQLite takes an expression (SQLITE_MAX_EXPR_DEPTH).
enum { MOST_DEPTH = 1000 };

static const dbc__node *node_at(const dbc__compiler *c, uint32_t place)
{
    return &c->query->nodes[place];
}

void dbc__render_name(dbc__compiler *c, const char *name, size_t len)
{
    c->dialect->quote(&c->text, name, len);
}

static void render_column(dbc__compiler *c, uint32_t place)
{
    const dbc_column *column = node_at(c, place)->u.ptr;
    const dbc__source *source = dbc__scope_column(c, place);

    if (!source) return;
    if (!c->bare_columns) {
        dbc__render_name(c, source->name, source->name_len);
        dbc__put(c, ".");
    }
    dbc__render_name(c, column->def.name, column->name_len);
}

static void render_named(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    const dbc__source *source = dbc__scope_column(c, place);
    const char *name = c->query->names + node->u.at.b;
    size_t len = node->u.at.c;

    if (!source) return;
    if (!source->pending) {
        const dbc_output *output = dbc__scope_named_output(c, place);
        if (!output) return;
        name = output->name;
        len = output->name_len;
    }
    dbc__render_name(c, source->name, source->name_len);
    dbc__put(c, ".");
    dbc__render_name(c, name, len);
}

static void render_between(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    dbc__render_operand(c, dbc__at(place, node->a));
    dbc__put(c, node->sub ? " NOT BETWEEN " : " BETWEEN ");
    dbc__render_operand(c, dbc__at(place, node->u.at.b));
    dbc__put(c, " AND ");
    dbc__render_operand(c, dbc__at(place, node->u.at.c));
}

static void render_in(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    uint32_t set = dbc__at(place, node->u.at.b);

    dbc__render_operand(c, dbc__at(place, node->a));
    dbc__put(c, node->sub ? " NOT IN (" : " IN (");
    switch (node_at(c, set)->op) {
    case DBC__QUERY:
        dbc__render_subquery(c, set, DBC__USE_VALUE);
        break;
    case DBC__VALUE:
    case DBC__PARAM:
        dbc__put(c, c->dialect->list_open);
        dbc__render_list(c, set);
        dbc__put(c, c->dialect->list_close);
        break;
    default:
        dbc__render(c, set);
        break;
    }
    dbc__put(c, ")");
}

// Writes a chain of items with commas between; `cell` is the first one.
static void render_items(dbc__compiler *c, uint32_t cell)
{
    for (;;) {
        const dbc__node *item = node_at(c, cell);
        dbc__render(c, dbc__at(cell, item->a));
        if (!item->u.at.b || c->status < 0) return;
        dbc__put(c, ", ");
        cell = dbc__at(cell, item->u.at.b);
    }
}

// The clock goes by the name it has in SQLite from 3.38 on; how it is asked,
// here and elsewhere, the dialect knows.
static const char *clock_of(const dbc__compiler *c, const dbc__node *call)
{
    static const char name[] = "unixepoch";
    size_t len = sizeof name - 1;

    if (call->u.at.b ||
        !dbc__name_equal(c->query->names + call->a, call->len, name, len))
        return NULL;
    return c->dialect->now(DBC_T_TIMESTAMP);
}

static void render_call(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    const char *clock = clock_of(c, node);

    if (clock) {
        dbc__put(c, clock);
        return;
    }
    dbc_buf_add(&c->text, c->query->names + node->a, node->len);
    dbc__put(c, node->sub == DBC_CALL_DISTINCT ? "(DISTINCT " : "(");
    if (node->u.at.b) render_items(c, dbc__at(place, node->u.at.b));
    dbc__put(c, ")");
}

static void render_filter(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    if (!(c->dialect->can & DBC_CAN_FILTER)) {
        dbc__compiler_fail(c, DBC_EUNSUPPORTED, "%s has no FILTER: use case",
                           c->dialect->name);
        return;
    }
    dbc__render(c, dbc__at(place, node->a));
    dbc__put(c, " FILTER (WHERE ");
    dbc__render(c, dbc__at(place, node->u.at.b));
    dbc__put(c, ")");
}

static void render_over(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    uint32_t at = dbc__at(place, node->u.at.b);
    const dbc__node *window = node_at(c, at);
    const char *gap = "";

    dbc__render(c, dbc__at(place, node->a));
    dbc__put(c, " OVER (");
    if (window->u.at.b) {
        dbc__put(c, "PARTITION BY ");
        render_items(c, dbc__at(at, window->u.at.b));
        gap = " ";
    }
    if (window->u.at.c) {
        dbc__put(c, gap);
        dbc__put(c, "ORDER BY ");
        render_items(c, dbc__at(at, window->u.at.c));
        gap = " ";
    }
    if (window->len) {
        dbc__put(c, gap);
        dbc_buf_add(&c->text, c->query->names + window->a, window->len);
    }
    dbc__put(c, ")");
}

static void render_case(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    uint32_t back = node->u.at.b, cell = place;

    dbc__put(c, "CASE");
    if (node->a) {
        dbc__put(c, " ");
        dbc__render_operand(c, dbc__at(place, node->a));
    }
    while (back && c->status == DBC_OK) {
        cell = dbc__at(cell, back);
        const dbc__node *when = node_at(c, cell);
        dbc__put(c, " WHEN ");
        dbc__render(c, dbc__at(cell, when->a));
        dbc__put(c, " THEN ");
        dbc__render(c, dbc__at(cell, when->u.at.b));
        back = when->u.at.c;
    }
    if (node->u.at.c) {
        dbc__put(c, " ELSE ");
        dbc__render(c, dbc__at(place, node->u.at.c));
    }
    dbc__put(c, " END");
}

static void render_cast(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    dbc__put(c, "CAST(");
    dbc__render(c, dbc__at(place, node->u.at.b));
    dbc__put(c, " AS ");
    dbc__put(c, c->dialect->cast_name((dbc_type)node->sub));
    dbc__put(c, ")");
}

static void render_order(dbc__compiler *c, uint32_t place)
{
    static const char *const words[] = {[DBC_ASC] = "",
                                        [DBC_DESC] = " DESC",
                                        [DBC_ASC_NULLS_LAST] = " NULLS LAST",
                                        [DBC_DESC_NULLS_FIRST] =
                                            " DESC NULLS FIRST"};
    const dbc__node *node = node_at(c, place);

    if (node->sub >= DBC_ASC_NULLS_LAST &&
        !(c->dialect->can & DBC_CAN_NULLS_ORDER)) {
        dbc__compiler_fail(c, DBC_EUNSUPPORTED,
                           "%s cannot say where NULLs are ordered",
                           c->dialect->name);
        return;
    }
    dbc__render_operand(c, dbc__at(place, node->u.at.b));
    dbc__put(c, words[node->sub]);
}

static void render_collate(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    dbc__render_operand(c, dbc__at(place, node->u.at.b));
    dbc__put(c, " COLLATE ");
    dbc__render_name(c, c->query->names + node->a, node->len);
}

static void render_sql(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    const char *at = c->query->names + node->a;
    const char *end = at + node->u.at.b;
    uint32_t cell = place, back = node->u.at.c;

    for (;;) {
        const char *mark = dbc__sql_mark(at, end);
        dbc_buf_add(&c->text, at, (size_t)(mark - at));
        if (mark == end || !back || c->status < 0) return;
        cell = dbc__at(cell, back);
        dbc__render_operand(c, dbc__at(cell, node_at(c, cell)->a));
        back = node_at(c, cell)->u.at.b;
        at = mark + 1;
    }
}

static void render_raw(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    dbc_buf_add(&c->text, c->query->names + node->a, node->u.at.b);
}

static void render_exists(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    dbc__put(c, node->sub ? "NOT EXISTS (" : "EXISTS (");
    dbc__render_subquery(c, dbc__at(place, node->u.at.b), DBC__USE_EXISTS);
    dbc__put(c, ")");
}

static void render_excluded(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    const char *name = c->query->names + node->a;
    dbc_error err = DBC_ERROR_INIT;
    const dbc_column *column = NULL;

    if (!c->target) {
        dbc__compiler_fail(c, DBC_EINVALID,
                           "excluded belongs in on_conflict(…):update");
        return;
    }
    column = dbc_table_find(c->target, name, node->len, &err);
    if (!column) {
        dbc__compiler_fail(c, DBC_EINVALID, "excluded: %s", err.message);
        return;
    }
    dbc__put(c, "excluded.");
    dbc__render_name(c, column->def.name, column->name_len);
}

// Whoever knows the schema has replaced it before.
static void refuse_relation(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);
    dbc__quoted quoted;

    dbc__compiler_fail(
        c, DBC_EINVALID,
        "relation %s is looked up in a schema, and there is "
        "none: run the query on a connection opened with one",
        dbc__quote(&quoted, c->query->names + node->a, node->len));
}

static void render_node(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    switch (node->op) {
    case DBC__COLUMN:
        render_column(c, place);
        break;
    case DBC__NAME:
        render_named(c, place);
        break;
    case DBC__VALUE:
    case DBC__PARAM:
        dbc__render_value(c, place);
        break;
    case DBC__STAR:
        dbc__put(c, "*");
        break;
    case DBC__OP:
        dbc__render_op(c, place);
        break;
    case DBC__BETWEEN:
        render_between(c, place);
        break;
    case DBC__IN:
        render_in(c, place);
        break;
    case DBC__CALL:
        render_call(c, place);
        break;
    case DBC__FILTER:
        render_filter(c, place);
        break;
    case DBC__OVER:
        render_over(c, place);
        break;
    case DBC__CASE:
        render_case(c, place);
        break;
    case DBC__CAST:
        render_cast(c, place);
        break;
    case DBC__COLLATE:
        render_collate(c, place);
        break;
    case DBC__ORDER:
        render_order(c, place);
        break;
    case DBC__AS:
        dbc__render(c, dbc__at(place, node->u.at.b));
        break;
    case DBC__SQL:
        dbc__restrict_text(c, render_sql, place);
        break;
    case DBC__RAW:
        dbc__restrict_text(c, render_raw, place);
        break;
    case DBC__QUERY:
        dbc__put(c, "(");
        dbc__render_subquery(c, place, DBC__USE_VALUE);
        dbc__put(c, ")");
        break;
    case DBC__EXISTS:
        render_exists(c, place);
        break;
    case DBC__EXCLUDED:
        render_excluded(c, place);
        break;
    case DBC__HAS:
    case DBC__RELATED:
        refuse_relation(c, place);
        break;
    default:
        dbc__compiler_fail(c, DBC_EINVALID, "an expression is due here");
        break;
    }
}

void dbc__render(dbc__compiler *c, uint32_t place)
{
    if (c->status < 0) return;
    if (++c->depth > MOST_DEPTH)
        dbc__compiler_fail(c, DBC_ELIMIT,
                           "an expression nests deeper than %d levels",
                           MOST_DEPTH);
    else
        render_node(c, place);
    c->depth--;
}

static int needs_parentheses(const dbc__node *node)
{
    switch (node->op) {
    case DBC__OP:
        return node->sub != DBC_OP_NEG;
    case DBC__BETWEEN:
    case DBC__IN:
    case DBC__SQL:
    case DBC__RAW:
    case DBC__COLLATE:
    case DBC__EXISTS:
        return 1;
    default:
        return 0;
    }
}

void dbc__render_operand(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = node_at(c, place);

    while (node->op == DBC__AS) {
        place = dbc__at(place, node->u.at.b);
        node = node_at(c, place);
    }
    int wrap = needs_parentheses(node);
    if (wrap) dbc__put(c, "(");
    dbc__render(c, place);
    if (wrap) dbc__put(c, ")");
}
