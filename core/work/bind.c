// The values of a query in the order its text wants them: what was built in,
// what a policy says, what is given now. What is written must fit its column
// and obey it.
#include "bind.h"

#include <assert.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "guard.h"
#include "name.h"
#include "plan_cache.h"
#include "type.h"
#include "validate.h"

// What one binding works on. The values lie in the statement's own scratch
// memory, lists behind them, so that they stay good as long as it is bound.
typedef struct binder {
    dbc_conn *conn;
    dbc_stmt *stmt;
    const dbc_sql *sql;
    const dbc_query *query;
    dbc__policies policies; // whose values are bound, too
    const dbc_args *args;
    dbc_value *values;
    dbc_value *spare; // free places for the items of lists
    int broken;       // a value that is written breaks a rule of its column
} binder;

static const dbc_args no_args = {NULL, 0, NULL, 0};

static const dbc_arg *find_arg(const dbc_args *args, const char *name)
{
    for (size_t i = 0; i < args->named_count; i++)
        if (strcmp(args->named[i].name, name) == 0) return &args->named[i];
    return NULL;
}

static int is_parameter(const dbc_sql *sql, const char *name)
{
    for (size_t i = 0; i < sql->parameter_count; i++) {
        const dbc_parameter *parameter = &sql->parameters[i];
        if (parameter->kind == DBC_PARAMETER_NAMED &&
            strcmp(parameter->name, name) == 0)
            return 1;
    }
    return 0;
}

// Whether the query says it in a place that this answer does not need: in what
// is loaded with rows, when they are only counted.
static int is_said(const dbc_query *query, const char *name)
{
    size_t len = strlen(name);

    for (uint32_t i = 0; i < query->used.nodes; i++) {
        const dbc__node *node = &query->nodes[i];
        if (node->op == DBC__PARAM && node->len == len &&
            memcmp(query->names + node->a, name, len) == 0)
            return 1;
    }
    return 0;
}

int dbc__query_refuse_arg(dbc_conn *conn, const char *name,
                          const dbc__suggest *suggest)
{
    const char *near = dbc__suggest_best(suggest);
    dbc__quoted quoted;

    return dbc__conn_fail(
        conn, DBC_EINVALID, "the query has no parameter %s%s%s%s",
        dbc__quote(&quoted, name, strlen(name)),
        near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

int dbc__query_refuse_missing(dbc_conn *conn, const char *name)
{
    return dbc__conn_fail(conn, DBC_EINVALID, "parameter \"%s\" is missing",
                          name);
}

// Refuses an argument that no parameter asks for.
static int check_args(const binder *b)
{
    for (size_t i = 0; i < b->args->named_count; i++) {
        const char *name = b->args->named[i].name;
        dbc__suggest suggest;

        if (is_parameter(b->sql, name) || is_said(b->query, name)) continue;
        dbc__suggest_init(&suggest, name, strlen(name));
        for (size_t j = 0; j < b->sql->parameter_count; j++)
            if (b->sql->parameters[j].kind == DBC_PARAMETER_NAMED)
                dbc__suggest_try(&suggest, b->sql->parameters[j].name);
        return dbc__query_refuse_arg(b->conn, name, &suggest);
    }
    return DBC_OK;
}

// Whether the column stores the value as it is, and nothing has to be asked.
// NaN is no number: SQLite would store it as NULL.
static inline int passes(const dbc_column *column, const dbc_value *value)
{
    if (value->type == DBC_REAL && value->as.r != value->as.r) return 0;
    return (int)(column->passes >> value->type & 1);
}

// A value that is written: it must be what its column stores, and obey it. A
// row is refused as a whole, when all of it is known.
static inline void fit(binder *b, const dbc_parameter *parameter,
                       dbc_value *value)
{
    const dbc_column *column = parameter->column;

    if (passes(column, value)) return;
    if (dbc__type_encode(parameter->type, column, value, NULL) < 0 ||
        (column->rules && !dbc__validate_keeps(column, value)))
        b->broken = 1;
}

static int encode(binder *b, const dbc_parameter *parameter, dbc_value *value)
{
    if (parameter->written) {
        fit(b, parameter, value);
        return DBC_OK;
    }
    dbc_error err; // filled only by a failure: clearing it costs more
    int rc = dbc__type_encode(parameter->type, parameter->column, value, &err);

    if (rc == DBC_OK) return rc;
    if (parameter->kind == DBC_PARAMETER_NAMED)
        return dbc__conn_fail(b->conn, rc, "parameter \"%s\": %s",
                              parameter->name, err.message);
    b->conn->error = err;
    return rc;
}

// A list given at run time: its items are encoded one by one.
static int bind_list_arg(binder *b, const dbc_parameter *parameter,
                         const dbc_value *list, dbc_value *out)
{
    dbc_value *items = b->spare;

    for (size_t i = 0; i < list->len; i++) {
        items[i] = list->as.list[i];
        if (items[i].type == DBC_NULL)
            return dbc__conn_fail(b->conn, DBC_EINVALID,
                                  "parameter \"%s\": item %zu is NULL, which "
                                  "equals nothing: leave it out",
                                  parameter->name, i + 1);
        int rc = encode(b, parameter, &items[i]);
        if (rc < 0) return rc;
    }
    b->spare += list->len;
    *out = dbc_value_list(items, list->len);
    return DBC_OK;
}

static int bind_named(binder *b, const dbc_parameter *parameter, dbc_value *out)
{
    const dbc_arg *arg = find_arg(b->args, parameter->name);

    if (!arg) return dbc__query_refuse_missing(b->conn, parameter->name);
    if (parameter->list && arg->value.type != DBC_LIST)
        return dbc__conn_fail(b->conn, DBC_EINVALID,
                              "parameter \"%s\" is the set of an in_: a list "
                              "is due",
                              parameter->name);
    if (!parameter->list && arg->value.type == DBC_LIST)
        return dbc__conn_fail(b->conn, DBC_EINVALID,
                              "parameter \"%s\" takes one value, not a list",
                              parameter->name);
    if (parameter->list) return bind_list_arg(b, parameter, &arg->value, out);
    *out = arg->value;
    return encode(b, parameter, out);
}

static void bind_value(binder *b, const dbc_query *query, uint32_t index,
                       dbc_value *out)
{
    dbc_value value = dbc_query_value(query, index);

    if (value.type == DBC_LIST) {
        for (size_t i = 0; i < value.len; i++)
            b->spare[i] = dbc_query_list_item(query, index, i);
        value.as.list = b->spare;
        b->spare += value.len;
    }
    *out = value;
}

static void bind_rule(binder *b, const dbc_parameter *parameter, dbc_value *out)
{
    dbc__level level = dbc__level_of(&b->policies, parameter->index);

    bind_value(b, level.policy->words, parameter->index - level.first_value,
               out);
}

int dbc__query_refuse_slot(dbc_conn *conn, const dbc_parameter *parameter,
                           size_t count)
{
    return dbc__conn_fail(conn, DBC_EINVALID,
                          "the insert has a slot for \"%s\" but only %zu "
                          "value%s given",
                          parameter->column->def.name, count,
                          count == 1 ? " was" : "s were");
}

static inline int bind_slot(binder *b, const dbc_parameter *parameter,
                            dbc_value *out)
{
    if (parameter->index >= b->args->slot_count)
        return dbc__query_refuse_slot(b->conn, parameter, b->args->slot_count);
    *out = b->args->slots[parameter->index];
    fit(b, parameter, out);
    return DBC_OK;
}

// How many values are needed in all, lists included.
static size_t count_values(const binder *b)
{
    size_t count = b->sql->parameter_count;

    for (size_t i = 0; i < b->sql->parameter_count; i++) {
        const dbc_parameter *parameter = &b->sql->parameters[i];
        if (!parameter->list) continue;
        if (parameter->kind == DBC_PARAMETER_VALUE) {
            count += b->query->values[parameter->index].len;
        } else if (parameter->kind == DBC_PARAMETER_POLICY) {
            dbc__level at = dbc__level_of(&b->policies, parameter->index);
            uint32_t own = parameter->index - at.first_value;
            count += at.policy->words->values[own].len;
        } else {
            const dbc_arg *arg = find_arg(b->args, parameter->name);
            if (arg && arg->value.type == DBC_LIST) count += arg->value.len;
        }
    }
    return count;
}

// Room for `count` values in the statement's scratch.
static int reserve(binder *b, size_t count)
{
    dbc_stmt *stmt = b->stmt;
    size_t size = count * sizeof(dbc_value);

    if (size > stmt->scratch_size) {
        void *grown = dbc__alloc_resize(b->conn->alloc, stmt->scratch,
                                        stmt->scratch_size, size);
        if (!grown) return dbc__error_nomem(&b->conn->error);
        stmt->scratch = grown;
        stmt->scratch_size = size;
    }
    b->values = stmt->scratch; // NULL when nothing was ever needed
    if (b->values) b->spare = b->values + b->sql->parameter_count;
    return DBC_OK;
}

// Gathers the values of all placeholders into the scratch.
static int gather(binder *b)
{
    int rc = reserve(b, count_values(b));
    if (rc < 0) return rc;
    if (b->args->named_count) {
        rc = check_args(b);
        if (rc < 0) return rc;
    }
    for (size_t i = 0; i < b->sql->parameter_count; i++) {
        const dbc_parameter *parameter = &b->sql->parameters[i];
        assert(b->values);
        dbc_value *out = &b->values[i];

        switch (parameter->kind) {
        case DBC_PARAMETER_VALUE:
            bind_value(b, b->query, parameter->index, out);
            if (parameter->written) fit(b, parameter, out);
            break;
        case DBC_PARAMETER_POLICY:
            bind_rule(b, parameter, out);
            break;
        case DBC_PARAMETER_NAMED:
            rc = bind_named(b, parameter, out);
            break;
        case DBC_PARAMETER_SLOT:
            rc = bind_slot(b, parameter, out);
            break;
        }
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

int dbc__query_given(dbc_value *out, const dbc_query *query,
                     const dbc_args *args, const dbc_parameter *parameter)
{
    const dbc_arg *arg;

    switch (parameter->kind) {
    case DBC_PARAMETER_VALUE:
        *out = dbc_query_value(query, parameter->index);
        return 1;
    case DBC_PARAMETER_NAMED:
        arg = find_arg(args, parameter->name);
        if (arg) *out = arg->value;
        return arg != NULL;
    case DBC_PARAMETER_SLOT:
        *out = args->slots[parameter->index];
        return 1;
    case DBC_PARAMETER_POLICY:
        break;
    }
    return 0;
}

static int find_given(const void *ud, const dbc_parameter *parameter,
                      dbc_value *out)
{
    const binder *b = ud;

    return dbc__query_given(out, b->query, b->args, parameter);
}

// Refuses the row when it breaks anything. Mostly there is nothing to ask.
static int guard(const binder *b)
{
    dbc__plan *plan = b->stmt->home_ud;

    if (!b->broken && !dbc__guard_is_asked(plan)) return DBC_OK;
    return dbc__guard_check(plan, find_given, b);
}

// Rules of another shape have another text.
static int check_policies(const binder *b, const dbc__plan *plan)
{
    if (dbc__policies_same_shape(&plan->policies, &b->policies)) return DBC_OK;
    return dbc__conn_fail(b->conn, DBC_EDENIED,
                          "the statement was made under another policy: open "
                          "the query again");
}

int dbc__bind_gather(dbc__bound *out, dbc_stmt *stmt, const dbc_query *query,
                     const dbc_args *args)
{
    const dbc__plan *plan = stmt->home_ud;
    binder b = {.conn = stmt->conn,
                .stmt = stmt,
                .sql = &plan->sql,
                .query = query,
                .policies = dbc__plan_policies(stmt->conn, query),
                .args = args ? args : &no_args};
    int rc = check_policies(&b, plan);
    if (rc >= 0) rc = gather(&b);
    if (rc >= 0) rc = guard(&b);
    *out = (dbc__bound){b.values, plan->sql.parameter_count};
    return rc;
}
