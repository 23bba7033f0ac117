// Opening and ending a load of relatives: the arguments and names of all its
// levels are checked before any is read.
#include <string.h>

#include "alloc.h"
#include "bind.h"
#include "error.h"
#include "exec.h"
#include "load.h"
#include "name.h"

static const dbc__plan *plan_of(const dbc_load *load)
{
    return load->root->home_ud;
}

// ---------------------------------------------------------------- arguments

static int asks_for(const dbc__load_level *level, const char *name)
{
    for (size_t i = 0; i < level->param_count; i++)
        if (strcmp(level->params[i], name) == 0) return 1;
    return 0;
}

static int check_known(const dbc_load *load, const char *name)
{
    dbc__suggest suggest;

    for (size_t i = 0; i < load->count; i++)
        if (asks_for(load->runs[i].level, name)) return DBC_OK;
    dbc__suggest_init(&suggest, name, strlen(name));
    for (size_t i = 0; i < load->count; i++)
        for (size_t j = 0; j < load->runs[i].level->param_count; j++)
            dbc__suggest_try(&suggest, load->runs[i].level->params[j]);
    return dbc__query_refuse_arg(load->conn, name, &suggest);
}

static int is_given(const dbc_load *load, const char *name)
{
    for (size_t i = 0; i < load->arg_count; i++)
        if (strcmp(load->args[i].name, name) == 0) return 1;
    return 0;
}

// All levels are asked before any is read.
static int check_args(const dbc_load *load)
{
    for (size_t i = 0; i < load->arg_count; i++) {
        int rc = check_known(load, load->args[i].name);
        if (rc < 0) return rc;
    }
    for (size_t i = 0; i < load->count; i++) {
        const dbc__load_level *level = load->runs[i].level;
        for (size_t j = 0; j < level->param_count; j++)
            if (!is_given(load, level->params[j]))
                return dbc__query_refuse_missing(load->conn, level->params[j]);
    }
    return DBC_OK;
}

dbc_args dbc__load_args(dbc_load *load, dbc__load_run *at)
{
    dbc_arg *args = load->args + load->first_arg;
    size_t count = 0;

    for (size_t i = 0; i < at->parents.width; i++) {
        const dbc_value *list = dbc__key_set_list(&at->parents, i);
        args[count].name = at->level->lists[i];
        args[count++].value = dbc_value_list(list, at->parents.count);
    }
    for (size_t i = 0; i < load->arg_count; i++)
        if (asks_for(at->level, load->args[i].name))
            args[count++] = load->args[i];
    return (dbc_args){args, count, NULL, 0};
}

static int keep_args(dbc_load *load, const dbc_args *args)
{
    size_t given = args ? args->named_count : 0;

    load->arg_cap = 2 * given + load->key_cap + 1;
    load->args =
        dbc__alloc_zero(load->conn->alloc, load->arg_cap, sizeof *load->args);
    if (!load->args)
        return dbc__conn_fail(load->conn, DBC_ENOMEM, "out of memory");
    if (given) memcpy(load->args, args->named, given * sizeof *load->args);
    load->arg_count = given;
    load->first_arg = given;
    return check_args(load);
}

// ------------------------------------------------------------------ opening

static const dbc__load_level *level_of(const dbc__plan *plan, size_t i)
{
    return plan->loads.levels ? &plan->loads.levels[i] : NULL;
}

// The name of a relation is a key in rows: no output may have it.
static int check_name(dbc_load *load, const dbc_relation *relation,
                      const dbc_layout *layout)
{
    const char *name = relation->name;
    size_t len = strlen(name);
    dbc__quoted quoted;

    for (size_t i = 0; i < layout->output_count; i++) {
        const dbc_output *output = &layout->outputs[i];
        if (output->group < layout->group_count ||
            !dbc__name_equal(output->name, output->name_len, name, len))
            continue;
        return dbc__conn_fail(load->conn, DBC_EINVALID,
                              "the query selects %s, which is a relation that "
                              "is loaded: give the output another name",
                              dbc__quote(&quoted, name, len));
    }
    for (size_t i = 0; i < layout->group_count; i++) {
        const dbc_group *group = &layout->groups[i];
        if (!dbc__name_equal(group->name, group->name_len, name, len)) continue;
        return dbc__conn_fail(load->conn, DBC_EINVALID,
                              "the query joins %s, which is a relation that is "
                              "loaded: say what is meant with select",
                              dbc__quote(&quoted, name, len));
    }
    return DBC_OK;
}

int dbc__load_check_names(dbc_load *load, size_t parent,
                          const dbc_layout *layout)
{
    for (size_t i = parent + 1; i < load->count; i++) {
        const dbc__load_level *level = load->runs[i].level;
        if (level->parent != parent) continue;
        int rc = check_name(load, level->relation, layout);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

static int make_runs(dbc_load *load)
{
    const dbc__plan *plan = plan_of(load);
    const dbc_alloc *alloc = load->conn->alloc;

    load->count = plan->loads.levels ? plan->loads.level_count : 1;
    load->runs = dbc__alloc_zero(alloc, load->count, sizeof *load->runs);
    if (!load->runs)
        return dbc__conn_fail(load->conn, DBC_ENOMEM, "out of memory");
    for (size_t i = 0; i < load->count; i++) {
        dbc__load_run *at = &load->runs[i];
        at->level = level_of(plan, i);
        size_t width = i && at->level ? at->level->relation->key_count : 0;
        dbc__key_set_init(&at->parents, width, alloc);
        if (i) at->view = dbc__load_level_view(at->level, load->query);
        if (width > load->key_cap) load->key_cap = width;
    }
    if (load->key_cap == 0) return DBC_OK;
    load->key = dbc__alloc_zero(alloc, load->key_cap, sizeof *load->key);
    if (load->key) return DBC_OK;
    return dbc__conn_fail(load->conn, DBC_ENOMEM, "out of memory");
}

static int bind_root(dbc_load *load, const dbc_args *args)
{
    if (load->count == 1)
        return dbc_query_reopen(load->root, load->query, args);

    int rc = keep_args(load, args);
    if (rc < 0) return rc;
    rc = dbc__load_check_names(load, 0, &plan_of(load)->sql.layout);
    if (rc < 0) return rc;
    dbc_args own = dbc__load_args(load, &load->runs[0]);
    return dbc_query_reopen(load->root, load->query, &own);
}

int dbc_load_open(dbc_load **out, dbc_conn *conn, const dbc_query *query,
                  const dbc_args *args)
{
    dbc__plan *plan;
    int rc = dbc__query_find_plan(&plan, conn, query);

    if (rc < 0) return rc;
    dbc_load *load = dbc__alloc_zero(conn->alloc, 1, sizeof *load);
    if (load) {
        load->conn = conn;
        load->query = query;
        rc = dbc__plan_lend(&load->root, plan);
    } else {
        dbc__plan_cache_keep_loose(plan->cache, plan);
        return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    }
    if (rc >= 0) rc = make_runs(load);
    if (rc >= 0) rc = bind_root(load, args);
    if (rc < 0) {
        dbc_load_close(load);
        return rc;
    }
    *out = load;
    return DBC_OK;
}

// ------------------------------------------------------------------ closing

void dbc_load_close(dbc_load *load)
{
    if (!load) return;
    dbc_conn *conn = load->conn;
    const dbc_alloc *alloc = conn->alloc;
    dbc_error err = conn->error;

    dbc__load_release_level(load);
    dbc__load_end_snapshot(load);
    for (size_t i = 0; i < load->count && load->runs; i++)
        dbc__key_set_dispose(&load->runs[i].parents);
    dbc__alloc_free(alloc, load->runs, load->count * sizeof *load->runs);
    dbc__alloc_free(alloc, load->args, load->arg_cap * sizeof *load->args);
    dbc__alloc_free(alloc, load->key, load->key_cap * sizeof *load->key);
    dbc_stmt *root = load->root;
    dbc__alloc_free(alloc, load, sizeof *load);
    conn->error = err;
    dbc_stmt_release(root);
}

// ------------------------------------------------------------------- asking

size_t dbc_load_level_count(const dbc_load *load)
{
    return load->count;
}

dbc_load_info dbc_load_describe(const dbc_load *load, size_t level)
{
    dbc_load_info info = {NULL, DBC_MANY, 0};

    if (level == 0 || level >= load->count || dbc__load_is_closed(load))
        return info;
    const dbc__load_level *known = load->runs[level].level;
    info.name = known->relation->name;
    info.kind = known->relation->kind;
    info.parent = known->parent;
    return info;
}

size_t dbc_load_level(const dbc_load *load)
{
    return load->at;
}

const dbc_value *dbc_load_row(const dbc_load *load)
{
    return dbc_stmt_row(load->stmt);
}

const dbc_layout *dbc_load_layout(const dbc_load *load)
{
    return dbc_stmt_layout(load->stmt);
}

size_t dbc_load_parent(const dbc_load *load)
{
    return load->parent;
}

size_t dbc_load_next_parent(const dbc_load *load, size_t parent)
{
    const dbc__key_set *set = &load->runs[load->at].parents;

    if (parent >= set->row_count) return DBC_NO_PARENT;
    uint32_t next = set->next[parent];
    return next == DBC__NO_ROW ? DBC_NO_PARENT : next;
}

// -------------------------------------------------------------------- plans

int dbc_query_level_plan(const dbc_sql **out, dbc_conn *conn,
                         const dbc_query *query, size_t level)
{
    dbc__plan *plan;
    dbc_stmt *stmt;
    int rc;

    if (level == 0) return dbc_query_plan(out, conn, query);
    rc = dbc__query_find_plan(&plan, conn, query);
    if (rc < 0) return rc;
    // The statement holds the plan while another one is looked for.
    rc = dbc__plan_lend(&stmt, plan);
    if (rc < 0) return rc;
    if (plan->loads.levels && level < plan->loads.level_count) {
        dbc_query view =
            dbc__load_level_view(&plan->loads.levels[level], query);
        rc = dbc_query_plan(out, conn, &view);
    } else {
        rc = DBC_DONE;
    }
    dbc_stmt_release(stmt);
    return rc;
}
