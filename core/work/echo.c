// Deciding whether an insert is its own answer. All is asked of the
// description, and whatever it leaves open counts as no.
#include "echo.h"

#include <string.h>

#include "alloc.h"

// Only slots: a value in the text of the shape would have to be found again.
static int is_plain(const dbc_query *shape)
{
    for (uint32_t i = 0; i < shape->used.nodes; i++) {
        switch (shape->nodes[i].op) {
        case DBC__INSERT:
        case DBC__SLOT:
        case DBC__COLUMN:
        case DBC__RETURNING:
            break;
        default:
            return 0;
        }
    }
    return 1;
}

// What is stored in such a column is what was bound, bit by bit.
static int keeps_values(const dbc_column *column)
{
    const dbc_column_def *def = &column->def;

    if (def->storage || def->generated) return 0;
    if (def->on_conflict_key || def->on_conflict_not_null ||
        def->on_conflict_unique)
        return 0;
    switch (def->type) {
    case DBC_T_ANY:
    case DBC_T_NUMERIC:
    case DBC_T_CUSTOM:
        return 0;
    default:
        return 1;
    }
}

static int is_rowid(const dbc_column *column)
{
    const dbc_table_def *table = dbc_table_describe(column->table);

    return column->def.type == DBC_T_INTEGER &&
           column->def.flags & DBC_COLUMN_PRIMARY_KEY &&
           !(column->def.flags & DBC_COLUMN_DESC_KEY) &&
           !(table->flags & DBC_TABLE_WITHOUT_ROWID);
}

static int32_t find_slot(const dbc_sql *sql, const dbc_column *column)
{
    for (size_t i = 0; i < sql->parameter_count; i++)
        if (sql->parameters[i].column == column) return (int32_t)i;
    return DBC__ECHO_NONE;
}

// Where each output comes from. Returns 0 when one cannot be known.
static int find_sources(dbc__echo *answer, int32_t *sources, const dbc_sql *sql)
{
    for (size_t i = 0; i < sql->layout.output_count; i++) {
        const dbc_column *column = sql->layout.outputs[i].column;

        if (!column || column->table != sql->table || !keeps_values(column))
            return 0;
        sources[i] = find_slot(sql, column);
        if (is_rowid(column))
            answer->rowid = (int32_t)i;
        else if (sources[i] == DBC__ECHO_NONE)
            return 0;
    }
    return 1;
}

static int is_candidate(const dbc_query *shape, const dbc_sql *sql)
{
    const dbc_table_def *table;

    if (sql->kind != DBC_INSERT || !sql->table) return 0;
    if (!sql->layout.output_count || !sql->parameter_count) return 0;
    table = dbc_table_describe(sql->table);
    return table->kind == DBC_TABLE && table->trigger_count == 0 &&
           is_plain(shape);
}

// The same insert without its RETURNING.
static int compile_bare(dbc_sql *out, const dbc_sql *sql,
                        const dbc_dialect *dialect, const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_new(alloc);
    int rc = DBC_ENOMEM;

    if (!query) return rc;
    dbc_query_insert(query, sql->table);
    for (size_t i = 0; i < sql->parameter_count; i++)
        dbc_query_slot(query, sql->parameters[i].column);
    rc = dbc_query_compile(out, query, dialect, alloc, NULL);
    dbc_query_free(query);
    return rc;
}

int dbc__echo_plan_new(dbc__echo_plan **out, const dbc_query *shape,
                       const dbc_sql *sql, const dbc_dialect *dialect,
                       const dbc_alloc *alloc)
{
    size_t count = sql->layout.output_count;
    dbc__echo_plan *plan;
    int32_t *sources;
    int rc = DBC_OK;

    *out = NULL;
    if (!is_candidate(shape, sql)) return DBC_OK;
    plan = dbc__alloc_zero(alloc, 1, sizeof *plan);
    if (!plan) return DBC_ENOMEM;
    plan->answer.count = count;
    plan->answer.rowid = DBC__ECHO_NONE;
    plan->answer.sources = sources =
        dbc__alloc_zero(alloc, count, sizeof *sources);
    if (!sources) {
        rc = DBC_ENOMEM;
        goto cleanup;
    }
    if (!find_sources(&plan->answer, sources, sql)) goto cleanup;
    rc = compile_bare(&plan->sql, sql, dialect, alloc);
    if (rc < 0) goto cleanup;
    *out = plan;
    return DBC_OK;

cleanup:
    dbc__echo_plan_free(plan, alloc);
    return rc;
}

void dbc__echo_plan_free(dbc__echo_plan *plan, const dbc_alloc *alloc)
{
    if (!plan) return;
    dbc_sql_dispose(&plan->sql);
    dbc__alloc_free(alloc, (void *)plan->answer.sources,
                    plan->answer.count * sizeof *plan->answer.sources);
    dbc__alloc_free(alloc, plan, sizeof *plan);
}
