// Resolving names. It runs before any text is written: the list of outputs
// stands in front of the sources it is taken from.
#include "scope.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "name.h"
#include "suggest.h"

enum { MOST_NESTING = 64 };

int dbc__compiler_fail(dbc__compiler *c, int code, const char *format, ...)
{
    va_list args;

    if (c->status < 0) return c->status;
    va_start(args, format);
    c->status = dbc__error_setv(c->err, code, format, args);
    va_end(args);
    return c->status;
}

int dbc__compiler_nomem(dbc__compiler *c)
{
    return dbc__compiler_fail(c, DBC_ENOMEM, "out of memory");
}

// A query without any name has no memory for them.
static const char *name_at(const dbc__compiler *c, uint32_t offset)
{
    return c->query->names ? c->query->names + offset : "";
}

static const char *name_of(const dbc__compiler *c, const dbc__node *node)
{
    return name_at(c, node->a);
}

static const char *name2_of(const dbc__compiler *c, const dbc__node *node)
{
    return name_at(c, node->u.at.b);
}

static dbc_output column_output(const dbc_column *column)
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

// All columns of a table as outputs.
static int table_outputs(dbc__source *source, dbc__compiler *c)
{
    size_t count = dbc_table_column_count(source->table);
    dbc_output *outputs =
        dbc__arena_take_array(&c->scratch, count + 1, sizeof *outputs);

    if (!outputs) return dbc__compiler_nomem(c);
    for (size_t i = 0; i < count; i++)
        outputs[i] = column_output(dbc_table_column(source->table, i));
    source->outputs = outputs;
    source->output_count = count;
    return DBC_OK;
}

static int fill_table(dbc__source *source, dbc__compiler *c,
                      const dbc_table *table)
{
    source->table = table;
    source->name = dbc_table_sql_name(table);
    source->name_len = strlen(source->name);
    source->key = dbc_table_describe(table)->name;
    source->key_len = strlen(source->key);
    return table_outputs(source, c);
}

static const dbc__cte *find_cte(dbc__compiler *c, const char *name, size_t len)
{
    dbc__suggest suggest;
    dbc__quoted quoted;

    dbc__suggest_init(&suggest, name, len);
    for (const dbc__cte *cte = c->ctes; cte; cte = cte->before) {
        if (dbc__name_equal(cte->name, cte->name_len, name, len)) return cte;
        char *copy = dbc__arena_copy(&c->scratch, cte->name, cte->name_len);
        if (copy) dbc__suggest_try(&suggest, copy);
    }
    const char *near = dbc__suggest_best(&suggest);
    dbc__compiler_fail(c, DBC_EINVALID,
                       "no CTE named %s is declared here%s%s%s: declare it "
                       "with with(name, query)",
                       dbc__quote(&quoted, name, len),
                       near ? ", did you mean \"" : "", near ? near : "",
                       near ? "\"" : "");
    return NULL;
}

static int fill_cte(dbc__source *source, dbc__compiler *c,
                    const dbc__node *node)
{
    const dbc__cte *cte = find_cte(c, name2_of(c, node), node->u.at.c);

    if (!cte) return c->status;
    source->name = cte->name;
    source->name_len = cte->name_len;
    source->outputs = cte->outputs;
    source->output_count = cte->output_count;
    source->pending = cte->pending;
    return DBC_OK;
}

static int fill_subselect(dbc__source *source, dbc__compiler *c, uint32_t place)
{
    dbc__outputs outputs;
    uint32_t query = dbc__at(place, c->query->nodes[place].u.at.b);

    if (dbc__scope_subquery(&outputs, c, query) < 0) return c->status;
    source->outputs = outputs.items;
    source->output_count = outputs.count;
    return DBC_OK;
}

// The items of a list: what each is, and which.
static int fill_listed(dbc__source *source)
{
    static const dbc_output outputs[] = {
        {"value", 5, DBC_T_ANY, 0, 0, NULL},
        {"number", 6, DBC_T_INTEGER, 0, 0, NULL}};

    source->outputs = outputs;
    source->output_count = sizeof outputs / sizeof *outputs;
    source->hidden = 1;
    return DBC_OK;
}

// Reads the source node at `place`.
static int fill_source(dbc__source *source, dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    int rc = DBC_OK;

    if (node->op == DBC__TABLE)
        rc = fill_table(source, c, node->u.ptr);
    else if (node->op == DBC__CTE)
        rc = fill_cte(source, c, node);
    else if (node->op == DBC__LISTED)
        rc = fill_listed(source);
    else
        rc = fill_subselect(source, c, place);
    if (rc < 0) return rc;

    if (node->op == DBC__TABLE) source->hidden = node->sub;
    if (node->len) {
        source->name = name_of(c, node);
        source->name_len = node->len;
        source->aliased = 1;
    }
    if (node->len || node->op != DBC__TABLE) {
        source->key = source->name;
        source->key_len = source->name_len;
    }
    return DBC_OK;
}

static int check_unique(dbc__compiler *c, const dbc__scope *scope)
{
    const dbc__source *last = &scope->sources[scope->count - 1];
    dbc__quoted quoted;

    for (size_t i = 0; i + 1 < scope->count; i++) {
        const dbc__source *other = &scope->sources[i];
        if (!dbc__name_equal(other->name, other->name_len, last->name,
                             last->name_len))
            continue;
        return dbc__compiler_fail(
            c, DBC_EINVALID,
            "%s is in the query twice: give one of them another name with "
            "alias(table, \"name\")",
            dbc__quote(&quoted, last->name, last->name_len));
    }
    return DBC_OK;
}

// Which sources an outer join may leave without a row.
static void mark_optional(dbc__scope *scope, dbc_join kind)
{
    dbc__source *last = &scope->sources[scope->count - 1];

    if (kind == DBC_JOIN_LEFT || kind == DBC_JOIN_FULL) last->optional = 1;
    if (kind != DBC_JOIN_RIGHT && kind != DBC_JOIN_FULL) return;
    for (size_t i = 0; i + 1 < scope->count; i++)
        scope->sources[i].optional = 1;
}

static int add_source(dbc__scope *scope, dbc__compiler *c, uint32_t clause)
{
    const dbc__node *node = &c->query->nodes[clause];
    dbc__source *source = &scope->sources[scope->count];

    memset(source, 0, sizeof *source);
    if (fill_source(source, c, dbc__at(clause, node->u.at.b)) < 0)
        return c->status;
    scope->count++;
    if (check_unique(c, scope) < 0) return c->status;
    if (node->op == DBC__JOIN) mark_optional(scope, (dbc_join)node->sub);
    return DBC_OK;
}

int dbc__scope_build(dbc__scope *out, dbc__compiler *c,
                     const dbc__clauses *clauses, const dbc__scope *outer)
{
    const dbc__scope *before = c->scope;

    out->outer = outer;
    out->count = 0;
    out->sources = dbc__arena_take_array(&c->scratch, clauses->count + 1,
                                         sizeof *out->sources);
    if (!out->sources) return dbc__compiler_nomem(c);

    // A subquery in FROM sees what is outside, not its neighbours.
    c->scope = outer;
    for (uint32_t i = 0; i < clauses->count && c->status == DBC_OK; i++) {
        uint8_t op = c->query->nodes[clauses->places[i]].op;
        if (op == DBC__FROM || op == DBC__JOIN)
            add_source(out, c, clauses->places[i]);
    }
    c->scope = before;
    return c->status;
}

int dbc__scope_single(dbc__scope *out, dbc__compiler *c, const dbc_table *table)
{
    out->outer = NULL;
    out->count = 1;
    out->sources = dbc__arena_take(&c->scratch, sizeof *out->sources);
    if (!out->sources) return dbc__compiler_nomem(c);
    return fill_table(out->sources, c, table);
}

// The column `name` among `outputs`, NULL when it is not there.
static const dbc_output *find_output(const dbc_output *outputs, size_t count,
                                     const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (dbc__name_equal(outputs[i].name, outputs[i].name_len, name, len))
            return &outputs[i];
    return NULL;
}

static int same_table(const dbc_table *a, const dbc_table *b)
{
    if (a == b) return 1;
    const char *x = dbc_table_sql_name(a), *y = dbc_table_sql_name(b);
    return dbc__name_equal(x, strlen(x), y, strlen(y));
}

static const dbc__source *match_column(const dbc__scope *scope,
                                       const dbc_column *column,
                                       const char *alias, size_t len)
{
    for (; scope; scope = scope->outer) {
        for (size_t i = 0; i < scope->count; i++) {
            const dbc__source *source = &scope->sources[i];
            if (!source->table || !same_table(source->table, column->table))
                continue;
            if (source->aliased != (len > 0)) continue;
            if (!len ||
                dbc__name_equal(source->name, source->name_len, alias, len))
                return source;
        }
    }
    return NULL;
}

static const dbc__source *match_name(const dbc__scope *scope, const char *name,
                                     size_t len)
{
    for (; scope; scope = scope->outer)
        for (size_t i = 0; i < scope->count; i++)
            if (dbc__name_equal(scope->sources[i].name,
                                scope->sources[i].name_len, name, len))
                return &scope->sources[i];
    return NULL;
}

// Says why a column is not in reach: its table is missing, or is here under
// another name.
static void refuse_column(dbc__compiler *c, const dbc_column *column,
                          const char *alias, size_t alias_len)
{
    const char *table = dbc_table_describe(column->table)->name;
    dbc__quoted quoted, other;
    char full[600];

    snprintf(full, sizeof full, "%.*s.%s",
             alias_len ? (int)alias_len : (int)strlen(table),
             alias_len ? alias : table, column->def.name);
    for (const dbc__scope *scope = c->scope; scope; scope = scope->outer) {
        for (size_t i = 0; i < scope->count; i++) {
            const dbc__source *source = &scope->sources[i];
            if (!source->table || !same_table(source->table, column->table))
                continue;
            dbc__compiler_fail(
                c, DBC_EINVALID,
                "column %s is not in this query: its table is here as %s",
                dbc__quote(&quoted, full, strlen(full)),
                dbc__quote(&other, source->name, source->name_len));
            return;
        }
    }
    dbc__compiler_fail(
        c, DBC_EINVALID,
        "column %s is not in this query: join %s, or start from it",
        dbc__quote(&quoted, full, strlen(full)),
        dbc__quote(&other, table, strlen(table)));
}

const dbc__source *dbc__scope_column(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    const dbc__source *source;
    dbc__quoted quoted;

    if (node->op == DBC__COLUMN) {
        const char *alias = name_of(c, node);
        source = match_column(c->scope, node->u.ptr, alias, node->len);
        if (!source) refuse_column(c, node->u.ptr, alias, node->len);
        return source;
    }
    source = match_name(c->scope, name_of(c, node), node->len);
    if (!source)
        dbc__compiler_fail(c, DBC_EINVALID,
                           "%s is not in this query: join it, or start from it",
                           dbc__quote(&quoted, name_of(c, node), node->len));
    return source;
}

static void refuse_name(dbc__compiler *c, const dbc__source *source,
                        const char *name, size_t len)
{
    dbc__quoted quoted, wanted;
    dbc__suggest suggest;

    dbc__suggest_init(&suggest, name, len);
    for (size_t i = 0; i < source->output_count; i++)
        dbc__suggest_try(&suggest, source->outputs[i].name);
    const char *near = dbc__suggest_best(&suggest);
    dbc__compiler_fail(c, DBC_EINVALID, "%s has no column %s%s%s%s",
                       dbc__quote(&quoted, source->name, source->name_len),
                       dbc__quote(&wanted, name, len),
                       near ? ", did you mean \"" : "", near ? near : "",
                       near ? "\"?" : "");
}

const dbc_output *dbc__scope_named_output(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    const dbc__source *source = dbc__scope_column(c, place);
    const char *name = name2_of(c, node);

    if (!source || source->pending) return NULL;
    const dbc_output *output =
        find_output(source->outputs, source->output_count, name, node->u.at.c);
    if (!output) refuse_name(c, source, name, node->u.at.c);
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
        return name_of(c, node);
    case DBC__NAME:
        *len = node->u.at.c;
        return name2_of(c, node);
    case DBC__COLUMN: {
        dbc_output output = column_output(node->u.ptr);
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
    dbc__outputs outputs;

    if (node->op == DBC__NAME)
        output = dbc__scope_named_output(c, place);
    else if (dbc__scope_subquery(&outputs, c, place) == DBC_OK &&
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
    const char *name = name_of(c, node);
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
        if (!find_output(outputs->items, i, output->name, output->name_len))
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

int dbc__scope_named(dbc__outputs *out, dbc__compiler *c,
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

int dbc__scope_outputs(dbc__outputs *out, dbc__compiler *c,
                       const dbc__clauses *clauses, const dbc__scope *scope)
{
    int rc = dbc__clauses_have(clauses, DBC__SELECT)
                 ? dbc__scope_named(out, c, clauses, DBC__SELECT, scope)
                 : all_outputs(out, c, clauses, scope);

    return rc < 0 ? rc : also_outputs(out, c, clauses, scope);
}

int dbc__scope_subquery(dbc__outputs *out, dbc__compiler *c, uint32_t place)
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
        dbc__scope_subquery(out, c, left);
    } else if (c->status == DBC_OK &&
               dbc__scope_build(&scope, c, &clauses, c->scope) == DBC_OK) {
        if (dbc__scope_outputs(out, c, &clauses, &scope) == DBC_OK &&
            out->grouped && check_names(c, out) == DBC_OK)
            out->grouped = 0;
    }
    c->ctes = ctes;
    c->depth--;
    return c->status;
}

int dbc__scope_declare(dbc__compiler *c, const dbc__clauses *clauses)
{
    uint32_t place, i = 0;

    while (c->status == DBC_OK &&
           dbc__clauses_next(clauses, DBC__WITH, &i, &place)) {
        const dbc__node *node = &c->query->nodes[place];
        dbc__cte *cte = dbc__arena_take(&c->scratch, sizeof *cte);
        dbc__outputs outputs;

        if (!cte) return dbc__compiler_nomem(c);
        cte->before = c->ctes;
        cte->name = name_of(c, node);
        cte->name_len = node->len;
        cte->pending = 1;
        c->ctes = cte;
        uint32_t query = dbc__at(place, node->u.at.b);
        if (dbc__scope_subquery(&outputs, c, query) < 0) return c->status;
        cte->outputs = outputs.items;
        cte->output_count = outputs.count;
        cte->pending = 0;
    }
    return c->status;
}
