// Keeping hooks, and what they may ask and say of a row.
#include "hook.h"

#include <string.h>

#include "alloc.h"
#include "name.h"

// --------------------------------------------------------------- the registry

static int is_named_alike(const dbc_table *a, const dbc_table *b)
{
    const char *left = dbc_table_sql_name(a);
    const char *right = dbc_table_sql_name(b);

    return a == b || dbc__name_equal(left, strlen(left), right, strlen(right));
}

dbc__hook *dbc__hook_find(const dbc__plan_cache *cache, const dbc_table *table)
{
    dbc__hook *hook = cache->hooks;

    while (hook && !is_named_alike(hook->table, table))
        hook = hook->next;
    return hook;
}

void dbc__hook_retain(dbc__hook *hook)
{
    hook->uses++;
}

void dbc__hook_release(dbc__hook *hook)
{
    if (!hook || --hook->uses > 0) return;
    if (hook->hooks.release) hook->hooks.release(hook->hooks.ud);
    dbc_table_release(hook->table);
    dbc__alloc_free(hook->alloc, hook, sizeof *hook);
}

static void remove_hook(dbc__plan_cache *cache, const dbc_table *table)
{
    dbc__hook **at = &cache->hooks;

    while (*at && !is_named_alike((*at)->table, table))
        at = &(*at)->next;
    if (!*at) return;
    dbc__hook *hook = *at;
    *at = hook->next;
    dbc__hook_release(hook);
}

void dbc__hook_release_all(dbc__plan_cache *cache)
{
    while (cache->hooks)
        remove_hook(cache, cache->hooks->table);
}

static int check_table(dbc_conn *conn, const dbc_table *table)
{
    const dbc_table_def *def = dbc_table_describe(table);

    if (def->kind == DBC_TABLE && dbc_table_key_count(table) > 0) return DBC_OK;
    return dbc__conn_fail(conn, DBC_EINVALID,
                          "\"%.100s\" cannot have hooks: they are for plain "
                          "tables with a primary key",
                          def->name);
}

int dbc_conn_hook(dbc_conn *conn, const dbc_table *table,
                  const dbc_hooks *hooks)
{
    dbc__plan_cache *cache;
    dbc__hook *hook = NULL;
    int rc = dbc__conn_check(conn);

    if (rc == DBC_OK && hooks) rc = check_table(conn, table);
    if (rc < 0) return rc;
    cache = dbc__plan_cache_of(conn);
    if (cache && hooks) hook = dbc__alloc(conn->alloc, sizeof *hook);
    if (!cache || (hooks && !hook))
        return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    remove_hook(cache, table);
    if (!hook) return DBC_OK;
    *hook = (dbc__hook){cache->hooks, dbc_table_retain(table), *hooks,
                        conn->alloc, 1};
    cache->hooks = hook;
    return DBC_OK;
}

// -------------------------------------------------------------------- the row

int dbc__write_init(dbc_write *write, dbc_conn *conn, dbc_query_kind kind,
                    const dbc_table *table, dbc__arena *memory)
{
    size_t count = dbc_table_column_count(table);
    dbc_row_use use = kind == DBC_INSERT ? DBC_ROW_INSERT : DBC_ROW_UPDATE;

    memset(write, 0, sizeof *write);
    write->conn = conn;
    write->kind = kind;
    write->table = table;
    write->memory = memory;
    write->alloc = conn->alloc;
    write->changes =
        dbc__arena_take_array(memory, count, sizeof *write->changes);
    write->row = (dbc_row){
        table, use,
        dbc__arena_take_array(memory, count, sizeof *write->row.values),
        dbc__arena_take(memory, count)};
    if (!write->row.values || !write->row.presence || !write->changes) {
        write->changes = NULL;
        return DBC_ENOMEM;
    }
    for (size_t i = 0; i < count; i++)
        write->row.values[i] = dbc_value_null();
    return DBC_OK;
}

static void drop_change(dbc__change *change)
{
    dbc_query *expr = (dbc_query *)change->expr;

    change->expr = NULL;
    if (!expr) return;
    for (uint32_t i = 0; i < expr->used.nodes; i++)
        dbc_table_release(dbc__tree_table(expr, i));
    dbc_query_free(expr);
}

void dbc__write_dispose(dbc_write *write)
{
    size_t count = write->changes ? dbc_table_column_count(write->table) : 0;

    for (size_t i = 0; i < count; i++)
        drop_change(&write->changes[i]);
}

// Copies what a value points to.
static int copy_value(dbc__arena *memory, dbc_value *value)
{
    char *text;

    if (value->type != DBC_TEXT && value->type != DBC_BLOB &&
        value->type != DBC_FOREIGN)
        return DBC_OK;
    text =
        dbc__arena_copy(memory, value->len ? value->as.text : "", value->len);
    if (!text) return DBC_ENOMEM;
    value->as.text = text;
    return DBC_OK;
}

dbc_value *dbc__write_copy(dbc__arena *memory, const dbc_value *values,
                           size_t count)
{
    dbc_value *copy = dbc__arena_take_array(memory, count, sizeof *copy);

    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = values[i];
        if (copy_value(memory, &copy[i]) < 0) return NULL;
    }
    return copy;
}

// --------------------------------------------------------------- what they ask

dbc_query_kind dbc_write_kind(const dbc_write *write)
{
    return write->kind;
}

const dbc_table *dbc_write_table(const dbc_write *write)
{
    return write->table;
}

dbc_conn *dbc_write_conn(const dbc_write *write)
{
    return write->conn;
}

const dbc_row *dbc_write_row(const dbc_write *write)
{
    return &write->row;
}

const dbc_value *dbc_write_old(const dbc_write *write)
{
    return write->old;
}

int dbc_write_is_upsert(const dbc_write *write)
{
    return write->is_upsert;
}

int dbc_write_has_deleted(const dbc_write *write)
{
    return write->has_deleted;
}

// ---------------------------------------------------------------- what they
// say

static int check_change(const dbc_write *write, const dbc_column *column)
{
    if (!write->is_open)
        return dbc__conn_fail(write->conn, DBC_EINVALID,
                              "the row is written: only a hook before the "
                              "write may change it");
    if (column->table != write->table)
        return dbc__conn_fail(write->conn, DBC_EINVALID,
                              "column \"%.100s\" is of another table than "
                              "\"%.100s\", which is written",
                              column->def.name,
                              dbc_table_describe(write->table)->name);
    if (column->def.generated)
        return dbc__conn_fail(write->conn, DBC_EINVALID,
                              "column \"%.100s\" is generated: it cannot be "
                              "written",
                              column->def.name);
    return DBC_OK;
}

static void store(dbc_write *write, const dbc_column *column,
                  dbc__change change, int presence)
{
    dbc__change *at = &write->changes[column->position];

    drop_change(at);
    *at = change;
    write->row.values[column->position] = change.value;
    write->row.presence[column->position] = (unsigned char)presence;
    write->is_touched = 1;
}

int dbc_write_set(dbc_write *write, const dbc_column *column, dbc_value value)
{
    int rc = check_change(write, column);

    if (rc < 0) return rc;
    if (value.type == DBC_LIST)
        return dbc__conn_fail(write->conn, DBC_EINVALID,
                              "column \"%.100s\" takes one value, not a list",
                              column->def.name);
    if (copy_value(write->memory, &value) < 0)
        return dbc__conn_fail(write->conn, DBC_ENOMEM, "out of memory");
    store(write, column, (dbc__change){DBC__BY_VALUE, value, NULL}, DBC_GIVEN);
    return DBC_OK;
}

int dbc_write_set_expr(dbc_write *write, const dbc_column *column,
                       const dbc_query *expr)
{
    dbc_query *copy;
    int rc = check_change(write, column);

    if (rc < 0) return rc;
    if (expr->status < 0 || dbc_query_kind_of(expr) != DBC_FRAGMENT ||
        expr->used.nodes == 0)
        return dbc__conn_fail(write->conn, DBC_EINVALID,
                              "column \"%.100s\" is set to a query that is no "
                              "expression",
                              column->def.name);
    copy = dbc_query_clone(expr, write->alloc);
    if (!copy) return dbc__conn_fail(write->conn, DBC_ENOMEM, "out of memory");
    // Until a plan holds them.
    for (uint32_t i = 0; i < copy->used.nodes; i++) {
        const dbc_table *table = dbc__tree_table(copy, i);
        if (table) dbc_table_retain(table);
    }
    store(write, column, (dbc__change){DBC__BY_EXPR, dbc_value_null(), copy},
          DBC_COMPUTED);
    return DBC_OK;
}

int dbc_write_unset(dbc_write *write, const dbc_column *column)
{
    int rc = check_change(write, column);

    if (rc < 0) return rc;
    store(write, column, (dbc__change){DBC__UNSAID, dbc_value_null(), NULL},
          DBC_ABSENT);
    return DBC_OK;
}
