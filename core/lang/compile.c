// A query as text, parameters and row layout. This is the public face of
// compiling; the statements themselves are in select.c and write.c.
#include <string.h>

#include "alloc.h"
#include "compile.h"
#include "error.h"
#include "permit.h"
#include "statement.h"

static const char *keep(dbc__compiler *c, const char *text, size_t len)
{
    const char *copy = dbc__arena_copy(c->memory, text, len);
    if (!copy) dbc__compiler_nomem(c);
    return copy;
}

// The output that is NULL when an outer join found no row: a key column or
// one that may not be NULL.
static int32_t find_presence(const dbc_output *outputs, uint32_t first,
                             uint32_t count)
{
    enum { SURE = DBC_COLUMN_NOT_NULL | DBC_COLUMN_PRIMARY_KEY };

    for (uint32_t i = first; i < first + count; i++) {
        const dbc_column *column = outputs[i].column;
        if (column && (column->def.flags & SURE)) return (int32_t)i;
    }
    return -1;
}

static int lay_groups(dbc_layout *layout, dbc__compiler *c,
                      const dbc__clauses *clauses, const dbc_output *outputs)
{
    dbc__scope scope;
    uint32_t first = 0;

    if (dbc__scope_build(&scope, c, clauses, NULL) < 0) return c->status;
    size_t shown = dbc__scope_shown(&scope), number = 0;
    dbc_group *groups = dbc__arena_take_array(c->memory, shown, sizeof *groups);
    if (!groups) return dbc__compiler_nomem(c);
    for (size_t i = 0; i < scope.count; i++) {
        const dbc__source *source = &scope.sources[i];
        dbc_group *group = &groups[number];
        if (source->hidden) continue;
        group->name = keep(c, source->key, source->key_len);
        group->name_len = source->key_len;
        group->first = first;
        group->count = (uint32_t)source->output_count;
        group->optional = source->optional;
        group->presence = find_presence(outputs, first, group->count);
        first += group->count;
        number++;
    }
    layout->groups = groups;
    layout->group_count = shown;
    return c->status;
}

static int lay_out(dbc_layout *layout, dbc__compiler *c,
                   const dbc__clauses *clauses, const dbc__outputs *outputs)
{
    dbc_output *items = dbc__arena_take_array(
        c->memory, outputs->count ? outputs->count : 1, sizeof *items);

    if (!items) return dbc__compiler_nomem(c);
    for (size_t i = 0; i < outputs->count; i++) {
        items[i] = outputs->items[i];
        items[i].name = keep(c, items[i].name, items[i].name_len);
    }
    layout->outputs = items;
    layout->output_count = outputs->count;
    if (outputs->grouped) return lay_groups(layout, c, clauses, items);
    return c->status;
}

static const dbc_table *table_of(const dbc__compiler *c,
                                 const dbc__clauses *clauses,
                                 dbc_query_kind kind)
{
    static const dbc__node_op ops[] = {[DBC_SELECT] = DBC__FROM,
                                       [DBC_INSERT] = DBC__INSERT,
                                       [DBC_UPDATE] = DBC__UPDATE,
                                       [DBC_DELETE] = DBC__DELETE};
    uint32_t place;

    if (!dbc__clauses_last(clauses, ops[kind], &place)) return NULL;
    if (kind != DBC_SELECT) return dbc__node_at(c, place)->u.ptr;
    const dbc__node *source = dbc__node_at(c, dbc__child(c, place));
    return source->op == DBC__TABLE ? source->u.ptr : NULL;
}

static int finish(dbc_sql *sql, dbc__compiler *c)
{
    size_t count = c->parameter_count;
    dbc_parameter *parameters =
        dbc__arena_take_array(c->memory, count ? count : 1, sizeof *parameters);

    if (c->text.status < 0 || !parameters) return dbc__compiler_nomem(c);
    if (count) memcpy(parameters, c->parameters, count * sizeof *parameters);
    sql->text = keep(c, c->text.data, c->text.len);
    sql->len = c->text.len;
    sql->parameters = parameters;
    sql->parameter_count = count;
    sql->memory = c->memory;
    return c->status;
}

static int compile(dbc_sql *sql, dbc__compiler *c)
{
    dbc_query_kind kind = dbc_query_kind_of(c->query);
    dbc__clauses clauses;
    dbc__outputs outputs;

    memset(&outputs, 0, sizeof outputs);
    if (kind == DBC_FRAGMENT)
        return dbc__compiler_fail(c, DBC_EINVALID,
                                  "an expression alone cannot be run: start "
                                  "with from, insert, update or delete");
    if (dbc__clauses_collect(&clauses, c->query, 0, c->query->used.nodes,
                             &c->scratch) < 0)
        return dbc__compiler_nomem(c);
    sql->kind = kind;
    sql->table = table_of(c, &clauses, kind);
    c->target = kind == DBC_SELECT ? NULL : sql->table;
    if (dbc__permit_check(c) < 0) return c->status;
    if (kind == DBC_SELECT)
        dbc__statement_select(c, &clauses, &outputs);
    else
        dbc__statement_write(c, &clauses, kind, &outputs);
    if (c->status < 0) return c->status;
    if (lay_out(&sql->layout, c, &clauses, &outputs) < 0) return c->status;
    return finish(sql, c);
}

int dbc_query_compile(dbc_sql *out, const dbc_query *query,
                      const dbc_dialect *dialect, const dbc_alloc *alloc,
                      dbc_error *err)
{
    const dbc__policies policies = {{query->policy, NULL}};

    return dbc__query_compile(out, query, &policies, dialect, alloc, err);
}

int dbc__query_compile(dbc_sql *out, const dbc_query *query,
                       const dbc__policies *policies,
                       const dbc_dialect *dialect, const dbc_alloc *alloc,
                       dbc_error *err)
{
    dbc__compiler c = {.query = query, .dialect = dialect, .err = err};
    dbc_sql sql = {0};

    if (query->status < 0) return dbc_query_status(query, err);
    c.alloc = dbc__alloc_or_default(alloc);
    dbc__arena *memory = dbc__alloc(c.alloc, sizeof *memory);
    if (!memory) return dbc__error_nomem(err);
    dbc__arena_init(memory, c.alloc);
    dbc__arena_init(&c.scratch, c.alloc);
    dbc__buf_init(&c.text, c.alloc);
    c.memory = memory;
    if (dbc__policies_any(policies)) c.policies = policies;

    int rc = compile(&sql, &c);
    dbc__buf_dispose(&c.text);
    dbc__arena_dispose(&c.scratch);
    if (rc < 0) {
        dbc__arena_dispose(memory);
        dbc__alloc_free(c.alloc, memory, sizeof *memory);
        return rc;
    }
    *out = sql;
    return DBC_OK;
}

void dbc_sql_dispose(dbc_sql *sql)
{
    dbc__arena *memory = sql->memory;

    if (!memory) return;
    const dbc_alloc *alloc = memory->alloc;
    dbc__arena_dispose(memory);
    dbc__alloc_free(alloc, memory, sizeof *memory);
    memset(sql, 0, sizeof *sql);
}
