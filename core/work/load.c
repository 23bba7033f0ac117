// Loading relatives, level by level. A level is one statement, whatever the
// number of rows above: their keys are one bound list. Each of its rows brings
// the number of the key it was found by, and that tells the rows it belongs
// to; nothing is compared or looked up on the way.
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "exec.h"
#include "key_set.h"
#include "name.h"

// One level while it is read.
typedef struct run {
    const dbc__load_level *level;
    dbc__key_set parents; // keys of the rows above; of level 0 empty
    dbc_query view;       // its query with the values of the original
} run;

struct dbc_load {
    dbc_conn *conn;         // borrowed
    const dbc_query *query; // borrowed
    dbc_stmt *root;         // lent until it is closed: it holds the plan
    dbc_stmt *stmt;         // of the level that is read; or NULL
    run *runs;              // owned, `count` of them
    size_t count;
    size_t at;          // the level that is read
    size_t parent;      // of the row that is ready
    size_t most, taken; // rows of level 0 in a batch
    int is_over;        // level 0 has no more rows
    int in_batch;
    dbc_txn txn;   // of a batch; conn NULL: another one is open
    dbc_arg *args; // owned: as they were given, then room for one level's
    size_t arg_count, arg_cap;
    size_t first_arg; // in `args`: where one level's begin
    dbc_value *key;   // owned: room for one key
    size_t key_cap;
};

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

// The lists of keys and those of the arguments that a level asks for.
static dbc_args args_of(dbc_load *load, run *at)
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

// Checks the names of what level `parent` has among its rows.
static int check_names(dbc_load *load, size_t parent, const dbc_layout *layout)
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
        run *at = &load->runs[i];
        at->level = level_of(plan, i);
        size_t width = i ? at->level->relation->key_count : 0;
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
    rc = check_names(load, 0, &plan_of(load)->sql.layout);
    if (rc < 0) return rc;
    dbc_args own = args_of(load, &load->runs[0]);
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

// Nothing was written, so a commit only ends the snapshot; a rollback would
// stop what else is read on the connection.
static void end_snapshot(dbc_load *load)
{
    dbc_error err = load->conn->error;

    if (load->txn.conn && dbc_txn_is_open(&load->txn) &&
        dbc_txn_commit(&load->txn) < 0)
        dbc_txn_rollback(&load->txn);
    load->txn.conn = NULL;
    load->conn->error = err;
}

static void release_level(dbc_load *load)
{
    if (load->stmt && load->stmt != load->root) dbc_stmt_release(load->stmt);
    load->stmt = NULL;
}

void dbc_load_close(dbc_load *load)
{
    if (!load) return;
    dbc_conn *conn = load->conn;
    const dbc_alloc *alloc = conn->alloc;
    dbc_error err = conn->error;

    release_level(load);
    end_snapshot(load);
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

// The plan, and all levels with it, ended with the connection.
static int is_closed(const dbc_load *load)
{
    return dbc_stmt_layout(load->root) == NULL;
}

// ------------------------------------------------------------------- asking

size_t dbc_load_level_count(const dbc_load *load)
{
    return load->count;
}

dbc_load_info dbc_load_describe(const dbc_load *load, size_t level)
{
    dbc_load_info info = {NULL, DBC_MANY, 0};

    if (level == 0 || level >= load->count || is_closed(load)) return info;
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

// ------------------------------------------------------------------ stepping

static int fail_memory(dbc_load *load)
{
    return dbc__conn_fail(load->conn, DBC_ENOMEM, "out of memory");
}

// Keeps the keys by which the levels below find what belongs to this row.
static int keep_keys(dbc_load *load)
{
    const dbc_layout *layout = dbc_stmt_layout(load->stmt);
    const dbc_value *row = dbc_stmt_row(load->stmt);

    for (size_t i = load->at + 1; i < load->count; i++) {
        run *below = &load->runs[i];
        if (below->level->parent != load->at) continue;
        for (size_t k = 0; k < below->parents.width; k++) {
            dbc__key_place place = below->level->keys[k];
            size_t hidden = place.is_hidden ? layout->output_count : 0;
            load->key[k] = row[hidden + place.index];
        }
        if (dbc__key_set_add(&below->parents, load->key) < 0)
            return fail_memory(load);
    }
    return DBC_OK;
}

// A key of the row that is ready is one of those that were asked for, unless
// columns are not what the schema says they are.
static int refuse_key(dbc_load *load)
{
    const dbc_relation *relation = load->runs[load->at].level->relation;

    return dbc__conn_fail(load->conn, DBC_ESCHEMA,
                          "relation \"%s\": the database takes keys for equal "
                          "that differ: column \"%s\" of \"%s\" has another "
                          "type or collation there than in the schema",
                          relation->name, relation->target_key[0]->def.name,
                          dbc_table_sql_name(relation->target));
}

// Finds which row above has the one that is ready: the last hidden output is
// the number of its key, or the key.
static int find_parent(dbc_load *load)
{
    dbc__key_set *set = &load->runs[load->at].parents;
    const dbc__load_level *level = load->runs[load->at].level;
    const dbc_layout *layout = dbc_stmt_layout(load->stmt);
    size_t last = layout->output_count + level->hidden_count - 1;

    if (!level->by_key) {
        int64_t number = dbc_stmt_int(load->stmt, last);
        int known = number >= 1 && (uint64_t)number <= set->count;
        load->parent = known ? set->first[number - 1] : DBC_NO_PARENT;
        return DBC_OK;
    }
    size_t number = dbc__key_set_find(set, &dbc_stmt_row(load->stmt)[last]);
    if (!number) return refuse_key(load);
    load->parent = set->first[number - 1];
    return DBC_OK;
}

// Opens the statement of the next level that has something to look for.
// DBC_ROW, DBC_DONE when there is none, or below zero.
static int next_level(dbc_load *load)
{
    release_level(load);
    while (++load->at < load->count) {
        run *at = &load->runs[load->at];
        if (at->parents.count == 0) continue;
        dbc_args args = args_of(load, at);
        int rc = dbc_query_open(&load->stmt, load->conn, &at->view, &args);
        if (rc < 0) {
            load->stmt = NULL;
            return rc;
        }
        rc = check_names(load, load->at, dbc_stmt_layout(load->stmt));
        return rc < 0 ? rc : DBC_ROW;
    }
    return DBC_DONE;
}

// DBC_ROW, or DBC_DONE when the level is complete.
static int step_level(dbc_load *load)
{
    if (load->at == 0 && load->most && load->taken == load->most)
        return DBC_DONE;
    int rc = dbc_stmt_step(load->stmt);
    if (rc == DBC_DONE && load->at == 0) load->is_over = 1;
    if (rc != DBC_ROW) return rc;
    if (load->at == 0)
        load->taken++;
    else if (find_parent(load) < 0)
        return DBC_ESCHEMA;
    if (load->count > 1 && keep_keys(load) < 0) return DBC_ENOMEM;
    return DBC_ROW;
}

static int end_batch(dbc_load *load, int rc)
{
    release_level(load);
    end_snapshot(load);
    load->in_batch = 0;
    if (rc < 0) load->is_over = 1;
    return rc;
}

int dbc_load_step(dbc_load *load)
{
    int rc;

    if (!load->in_batch) return DBC_DONE;
    if (is_closed(load)) return end_batch(load, dbc__conn_check(load->conn));
    while ((rc = step_level(load)) == DBC_DONE) {
        rc = next_level(load);
        if (rc != DBC_ROW) break;
    }
    return rc == DBC_ROW ? rc : end_batch(load, rc);
}

// All levels of a batch see one state of the database.
static int begin_snapshot(dbc_load *load)
{
    dbc_conn *conn = load->conn;

    if (load->count == 1) return DBC_OK;
    int rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    if (conn->depth > 0 || conn->driver->in_txn(conn->db)) return DBC_OK;
    rc = dbc_txn_begin(&load->txn, conn, DBC_TXN_READ);
    if (rc < 0) load->txn.conn = NULL;
    return rc;
}

int dbc_load_begin(dbc_load *load, size_t most)
{
    int rc;

    if (load->in_batch) end_batch(load, DBC_DONE);
    if (load->is_over) return DBC_DONE;
    if (is_closed(load)) return dbc__conn_check(load->conn);
    for (size_t i = 0; i < load->count; i++)
        dbc__key_set_clear(&load->runs[i].parents);
    rc = begin_snapshot(load);
    if (rc < 0) return rc;
    load->at = 0;
    load->parent = DBC_NO_PARENT;
    load->most = most;
    load->taken = 0;
    load->stmt = load->root;
    load->in_batch = 1;
    return DBC_ROW;
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
