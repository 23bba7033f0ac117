// Resolving names. It runs before any text is written: the list of outputs
// stands in front of the sources it is taken from.
#include "scope.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "name.h"
#include "output.h"
#include "suggest.h"

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

// All columns of a table as outputs.
static int table_outputs(dbc__source *source, dbc__compiler *c)
{
    size_t count = dbc_table_column_count(source->table);
    dbc_output *outputs =
        dbc__arena_take_array(&c->scratch, count + 1, sizeof *outputs);

    if (!outputs) return dbc__compiler_nomem(c);
    for (size_t i = 0; i < count; i++)
        outputs[i] = dbc__output_of_column(dbc_table_column(source->table, i));
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
    const dbc__cte *cte = find_cte(c, dbc__scope_name2(c, node), node->u.at.c);

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

    if (dbc__outputs_subquery(&outputs, c, query) < 0) return c->status;
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
        source->name = dbc__scope_name(c, node);
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
const dbc_output *dbc__scope_find_output(const dbc_output *outputs,
                                         size_t count, const char *name,
                                         size_t len)
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
        const char *alias = dbc__scope_name(c, node);
        source = match_column(c->scope, node->u.ptr, alias, node->len);
        if (!source) refuse_column(c, node->u.ptr, alias, node->len);
        return source;
    }
    source = match_name(c->scope, dbc__scope_name(c, node), node->len);
    if (!source)
        dbc__compiler_fail(
            c, DBC_EINVALID,
            "%s is not in this query: join it, or start from it",
            dbc__quote(&quoted, dbc__scope_name(c, node), node->len));
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
    const char *name = dbc__scope_name2(c, node);

    if (!source || source->pending) return NULL;
    const dbc_output *output = dbc__scope_find_output(
        source->outputs, source->output_count, name, node->u.at.c);
    if (!output) refuse_name(c, source, name, node->u.at.c);
    return output;
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
        cte->name = dbc__scope_name(c, node);
        cte->name_len = node->len;
        cte->pending = 1;
        c->ctes = cte;
        uint32_t query = dbc__at(place, node->u.at.b);
        if (dbc__outputs_subquery(&outputs, c, query) < 0) return c->status;
        cte->outputs = outputs.items;
        cte->output_count = outputs.count;
        cte->pending = 0;
    }
    return c->status;
}
