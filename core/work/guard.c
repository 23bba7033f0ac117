// A row is put together from what a write binds: a parameter is given, an
// expression is computed, all else is absent. Then the words judge it.
#include "guard.h"

#include <string.h>

#include "alloc.h"
#include "validate.h"

static size_t column_count(const dbc__plan *plan)
{
    return dbc_table_column_count(plan->sql.table);
}

static size_t row_size(const dbc__plan *plan)
{
    return column_count(plan) * (sizeof(dbc_value) + 1);
}

static dbc_conn *conn_of(const dbc__plan *plan)
{
    return plan->cache->conn;
}

static int is_set_by(const dbc__node *node, dbc_written written)
{
    if (written == DBC_WRITTEN_CONFLICT) return node->op == DBC__CONFLICT_SET;
    return node->op == DBC__SET || node->op == DBC__SLOT;
}

// Whether the shape gives the column a value.
static int mentions(const dbc__plan *plan, const dbc_column *column)
{
    for (uint32_t i = 0; i < plan->shape->used.nodes; i++) {
        const dbc__node *node = &plan->shape->nodes[i];
        if (!is_set_by(node, DBC_WRITTEN)) continue;
        const dbc_column *other = node->u.ptr;
        if (other->position == column->position) return 1;
    }
    return 0;
}

static int has_clause(const dbc__plan *plan, dbc__node_op op)
{
    for (uint32_t i = 0; i < plan->shape->used.nodes; i++)
        if (plan->shape->nodes[i].op == op) return 1;
    return 0;
}

// Whether there is a column with `flag` of which the shape says nothing.
static int is_silent(const dbc__plan *plan, unsigned flag)
{
    for (size_t i = 0; i < column_count(plan); i++) {
        const dbc_column *column = dbc_table_column(plan->sql.table, i);
        if (column->def.flags & flag && !mentions(plan, column)) return 1;
    }
    return 0;
}

void dbc__guard_prepare(dbc__plan *plan)
{
    int is_insert = plan->sql.kind == DBC_INSERT;

    if (!is_insert && plan->sql.kind != DBC_UPDATE) return;
    if (has_clause(plan, DBC__INSERT_FROM)) return;
    plan->guard.is_filled = dbc_table_describe(plan->sql.table)->host.fill &&
                            is_silent(plan, is_insert ? DBC_COLUMN_HOST_DEFAULT
                                                      : DBC_COLUMN_HOST_UPDATE);
    if (!is_insert) return;
    for (size_t i = 0; i < column_count(plan); i++) {
        const dbc_column *column = dbc_table_column(plan->sql.table, i);
        if (!dbc__validate_is_required(column) || mentions(plan, column))
            continue;
        plan->guard.missing = column;
        return;
    }
}

void dbc__guard_dispose(dbc__plan *plan)
{
    if (!plan->guard.values) return;
    dbc__alloc_free(conn_of(plan)->alloc, plan->guard.values,
                    row_size(plan) + 1);
}

static int make_room(dbc__plan *plan)
{
    dbc_conn *conn = conn_of(plan);

    if (!plan->cache->report &&
        dbc_report_new(&plan->cache->report, conn->alloc) < 0)
        return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    if (plan->guard.values) return DBC_OK;
    plan->guard.values = dbc__alloc(conn->alloc, row_size(plan) + 1);
    if (!plan->guard.values)
        return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    plan->guard.presence =
        (unsigned char *)(plan->guard.values + column_count(plan));
    return DBC_OK;
}

// All that `written` sets is computed, until a parameter turns out to give it.
static void fill(dbc__plan *plan, dbc_written written, dbc__guard_given given,
                 const void *ud)
{
    dbc_value *values = plan->guard.values;
    unsigned char *presence = plan->guard.presence;

    memset(presence, DBC_ABSENT, column_count(plan));
    for (size_t i = 0; i < column_count(plan); i++)
        values[i] = dbc_value_null();
    for (uint32_t i = 0; i < plan->shape->used.nodes; i++) {
        const dbc__node *node = &plan->shape->nodes[i];
        if (!is_set_by(node, written)) continue;
        const dbc_column *column = node->u.ptr;
        presence[column->position] = DBC_COMPUTED;
    }
    for (size_t i = 0; i < plan->sql.parameter_count; i++) {
        const dbc_parameter *parameter = &plan->sql.parameters[i];
        if (parameter->written != written) continue;
        uint32_t position = parameter->column->position;
        if (given(ud, parameter, &values[position]))
            presence[position] = DBC_GIVEN;
    }
}

static int check(dbc__plan *plan, dbc_row_use use, dbc_written written,
                 dbc__guard_given given, const void *ud)
{
    dbc_conn *conn = conn_of(plan);
    const dbc_row row = {plan->sql.table, use, plan->guard.values,
                         plan->guard.presence};

    fill(plan, written, given, ud);
    dbc_report_clear(plan->cache->report);
    return dbc__validate_row(plan->cache->report, &row, conn,
                             DBC__CHECKS_OF_A_BROKEN_ROW, &conn->error);
}

int dbc__guard_check(dbc__plan *plan, dbc__guard_given given, const void *ud)
{
    int is_insert = plan->sql.kind == DBC_INSERT;
    int rc = make_room(plan);

    if (rc < 0) return rc;
    // The rows of a SELECT are known to the database only.
    if (!is_insert || !has_clause(plan, DBC__INSERT_FROM))
        rc = check(plan, is_insert ? DBC_ROW_INSERT : DBC_ROW_UPDATE,
                   DBC_WRITTEN, given, ud);
    if (rc >= 0 && has_clause(plan, DBC__CONFLICT_SET))
        rc = check(plan, DBC_ROW_UPDATE, DBC_WRITTEN_CONFLICT, given, ud);
    return rc;
}

const dbc_report *dbc_conn_report(const dbc_conn *conn)
{
    const dbc__plan_cache *cache = conn->work;

    if (!cache || conn->error.code != DBC_EVALIDATION) return NULL;
    return cache->report;
}
