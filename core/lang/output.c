// Naming and typing outputs. A subquery is asked the same as the query around
// it, so this and scope.c go hand in hand.
#include "output.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "name.h"

enum { MOST_NESTING = 64 };

dbc_output dbc__output_of_column(const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    dbc_output output = {0};

    output.name = def->as ? def->as : def->name;
    output.name_len = strlen(output.name);
    output.type = def->type;
    output.codec = def->codec;
    output.column = column;
    return output;
}

// The expression that names and types an output: without AS, COLLATE, ORDER.
static uint32_t strip(const dbc_query *query, uint32_t place)
{
    const dbc__node *node = &query->nodes[place];

    while (node->op == DBC__AS || node->op == DBC__COLLATE ||
           node->op == DBC__ORDER) {
        place = dbc__at(place, node->u.at.b);
        node = &query->nodes[place];
    }
    return place;
}

// The name an expression brings along. The name is in the query's pool or in
// a table; `*len` 0 when it has none.
static const char *own_name(const dbc__compiler *c, uint32_t place, size_t *len)
{
    const dbc__node *node = &c->query->nodes[place];

    while (node->op == DBC__COLLATE || node->op == DBC__FILTER ||
           node->op == DBC__OVER || node->op == DBC__CAST) {
        int first = node->op == DBC__FILTER || node->op == DBC__OVER;
        place = dbc__at(place, first ? node->a : node->u.at.b);
        node = &c->query->nodes[place];
    }
    switch (node->op) {
    case DBC__AS:
    case DBC__CALL:
        *len = node->len;
        return dbc__scope_name(c, node);
    case DBC__NAME:
        *len = node->u.at.c;
        return dbc__scope_name2(c, node);
    case DBC__COLUMN: {
        dbc_output output = dbc__output_of_column(node->u.ptr);
        *len = output.name_len;
        return output.name;
    }
    default:
        *len = 0;
        return NULL;
    }
}

// The type of a name or of a scalar subquery, from what it selects from.
static dbc_type type_named(void *ud, uint32_t place, const dbc_column **column)
{
    dbc__compiler *c = ud;
    const dbc__node *node = &c->query->nodes[place];
    const dbc_output *output = NULL;
    dbc__outputs outputs = {0};

    if (node->op == DBC__NAME)
        output = dbc__scope_named_output(c, place);
    else if (dbc__outputs_subquery(&outputs, c, place) == DBC_OK &&
             outputs.count == 1)
        output = outputs.items;
    if (!output) return node->op == DBC__NAME ? (dbc_type)node->sub : DBC_T_ANY;
    *column = output->column;
    return output->type;
}

// Type, codec and column of an output expression.
static void type_output(dbc_output *output, dbc__compiler *c, uint32_t place)
{
    const dbc__namer namer = {type_named, c};
    const dbc_column *column;

    output->type = dbc__expr_type(c->query, place, &namer, &column);
    uint32_t root = strip(c->query, place);
    const dbc__node *node = &c->query->nodes[root];
    if (node->op == DBC__NAME) {
        const dbc_output *source = dbc__scope_named_output(c, root);
        if (source) {
            output->type = source->type;
            output->codec = source->codec;
            output->column = source->column;
        }
    } else if (node->op == DBC__COLUMN) {
        output->codec = column->def.codec;
        output->column = column;
    } else if (column && node->op != DBC__PARAM) {
        output->codec = column->def.codec;
    }
    if (output->type == DBC_T_CUSTOM && !output->codec)
        output->type = DBC_T_ANY;
}

static int name_output(dbc_output *output, dbc__compiler *c, uint32_t clause,
                       size_t number)
{
    const dbc__node *node = &c->query->nodes[clause];
    const char *name = dbc__scope_name(c, node);
    char made[32];

    output->name_len = node->len;
    if (!node->len)
        name = own_name(c, dbc__at(clause, node->u.at.b), &output->name_len);
    if (!output->name_len) {
        output->name_len =
            (size_t)snprintf(made, sizeof made, "column%zu", number);
        name = made;
    }
    output->name = dbc__arena_copy(&c->scratch, name, output->name_len);
    return output->name ? DBC_OK : dbc__compiler_nomem(c);
}

static int check_names(dbc__compiler *c, const dbc__outputs *outputs)
{
    dbc__quoted quoted;

    for (size_t i = 1; i < outputs->count; i++) {
        const dbc_output *output = &outputs->items[i];
        if (!dbc__scope_find_output(outputs->items, i, output->name,
                                    output->name_len))
            continue;
        return dbc__compiler_fail(
            c, DBC_EINVALID,
            "the query selects %s twice: give one of them another name, as in "
            "select { other = … }",
            dbc__quote(&quoted, output->name, output->name_len));
    }
    return DBC_OK;
}

// Adds the outputs of the clauses `op`, for which there is room.
static int add_named(dbc__outputs *out, dbc__compiler *c,
                     const dbc__clauses *clauses, dbc__node_op op,
                     const dbc__scope *scope)
{
    const dbc__scope *before = c->scope;
    uint32_t place, i = 0;

    c->scope = scope;
    while (dbc__clauses_next(clauses, op, &i, &place)) {
        const dbc__node *node = &c->query->nodes[place];
        dbc_output *output = &out->items[out->count];
        if (!node->u.at.b) continue;
        type_output(output, c, dbc__at(place, node->u.at.b));
        if (name_output(output, c, place, ++out->count) < 0) break;
    }
    c->scope = before;
    return c->status;
}

int dbc__outputs_named(dbc__outputs *out, dbc__compiler *c,
                       const dbc__clauses *clauses, dbc__node_op op,
                       const dbc__scope *scope)
{
    memset(out, 0, sizeof *out);
    out->items = dbc__arena_take_array(&c->scratch, clauses->count + 1,
                                       sizeof *out->items);
    if (!out->items) return dbc__compiler_nomem(c);
    if (add_named(out, c, clauses, op, scope) < 0) return c->status;
    return check_names(c, out);
}

size_t dbc__scope_shown(const dbc__scope *scope)
{
    size_t shown = 0;

    for (size_t i = 0; i < scope->count; i++)
        shown += !scope->sources[i].hidden;
    return shown;
}

// How many columns all sources have that show theirs.
static int count_columns(size_t *count, dbc__compiler *c,
                         const dbc__scope *scope)
{
    dbc__quoted quoted;

    *count = 0;
    for (size_t i = 0; i < scope->count; i++) {
        const dbc__source *source = &scope->sources[i];
        if (source->hidden) continue;
        if (source->pending)
            return dbc__compiler_fail(
                c, DBC_EINVALID,
                "the columns of %s are not known inside its own definition: "
                "say which ones with select",
                dbc__quote(&quoted, source->name, source->name_len));
        *count += source->output_count;
    }
    return DBC_OK;
}

// Nothing was selected: every column of every source.
static int all_outputs(dbc__outputs *out, dbc__compiler *c,
                       const dbc__clauses *clauses, const dbc__scope *scope)
{
    size_t count;
    uint32_t group = 0;

    memset(out, 0, sizeof *out);
    if (count_columns(&count, c, scope) < 0) return c->status;
    out->items = dbc__arena_take_array(&c->scratch, count + clauses->count + 1,
                                       sizeof *out->items);
    if (!out->items) return dbc__compiler_nomem(c);
    out->grouped = dbc__scope_shown(scope) > 1;
    for (size_t i = 0; i < scope->count; i++) {
        const dbc__source *source = &scope->sources[i];
        for (size_t j = 0; j < source->output_count && !source->hidden; j++) {
            out->items[out->count] = source->outputs[j];
            out->items[out->count++].group = group;
        }
        group += !source->hidden;
    }
    return DBC_OK;
}

// What with_count and the like add. Beside groups they have one of their own.
static int also_outputs(dbc__outputs *out, dbc__compiler *c,
                        const dbc__clauses *clauses, const dbc__scope *scope)
{
    size_t first = out->count;

    if (!dbc__clauses_have(clauses, DBC__ALSO)) return c->status;
    if (add_named(out, c, clauses, DBC__ALSO, scope) < 0) return c->status;
    out->also = out->count - first;
    for (size_t i = first; i < out->count && out->grouped; i++)
        out->items[i].group = (uint32_t)dbc__scope_shown(scope);
    return out->grouped ? DBC_OK : check_names(c, out);
}

int dbc__outputs_of(dbc__outputs *out, dbc__compiler *c,
                    const dbc__clauses *clauses, const dbc__scope *scope)
{
    int rc = dbc__clauses_have(clauses, DBC__SELECT)
                 ? dbc__outputs_named(out, c, clauses, DBC__SELECT, scope)
                 : all_outputs(out, c, clauses, scope);

    return rc < 0 ? rc : also_outputs(out, c, clauses, scope);
}

int dbc__outputs_subquery(dbc__outputs *out, dbc__compiler *c, uint32_t place)
{
    const dbc__cte *ctes = c->ctes;
    dbc__clauses clauses;
    dbc__scope scope;
    uint32_t combine;

    if (++c->depth > MOST_NESTING)
        return dbc__compiler_fail(
            c, DBC_ELIMIT, "queries nest deeper than %d levels", MOST_NESTING);
    if (dbc__clauses_of(&clauses, c->query, place, &c->scratch) < 0)
        return dbc__compiler_nomem(c);
    dbc__scope_declare(c, &clauses);
    if (dbc__clauses_last(&clauses, DBC__COMBINE, &combine)) {
        uint32_t left = dbc__at(combine, c->query->nodes[combine].u.at.b);
        dbc__outputs_subquery(out, c, left);
    } else if (c->status == DBC_OK &&
               dbc__scope_build(&scope, c, &clauses, c->scope) == DBC_OK) {
        if (dbc__outputs_of(out, c, &clauses, &scope) == DBC_OK &&
            out->grouped && check_names(c, out) == DBC_OK)
            out->grouped = 0;
    }
    c->ctes = ctes;
    c->depth--;
    return c->status;
}
