// Keeping plans. The index is a table of twice as many entries as plans, open
// addressing with linear probing; it is made anew when a plan is evicted,
// which happens only while new shapes appear.
#include "plan_cache.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "blame.h"
#include "compile.h"
#include "error.h"
#include "guard.h"
#include "hook.h"
#include "name.h"
#include "untrusted.h"

static void take_back(void *home, dbc_stmt *stmt);
static void explain(void *home, dbc_error *err);
static void let_go(void *home);

static const dbc__stmt_home plan_home = {take_back, explain, let_go};

static const dbc_alloc *alloc_of(const dbc__plan_cache *cache)
{
    return cache->conn->alloc;
}

static void free_plan(dbc__plan *plan)
{
    const dbc_alloc *alloc = alloc_of(plan->cache);

    for (int i = 0; i < plan->idle_count; i++)
        dbc__stmt_free(plan->idle[i]);
    dbc__guard_dispose(plan);
    dbc_sql_dispose(&plan->sql);
    dbc__echo_plan_free(plan->echo, alloc);
    for (size_t i = 0; i < plan->table_count; i++)
        dbc_table_release(plan->tables[i]);
    dbc__alloc_free(alloc, plan->tables,
                    plan->table_count * sizeof *plan->tables);
    dbc_query_free(plan->shape);
    dbc__policies_release(&plan->policies);
    if (plan->loads.levels) dbc__expansion_dispose(&plan->loads);
    dbc__alloc_free(alloc, plan, sizeof *plan);
}

// A statement comes home. One that failed is not kept: the engine may have
// left it in a state that only finalizing cures.
static void take_back(void *home, dbc_stmt *stmt)
{
    dbc__plan *plan = home;

    plan->lent--;
    if (plan->cached && plan->idle_count < DBC__PLAN_IDLE)
        plan->idle[plan->idle_count++] = stmt;
    else
        dbc__stmt_free(stmt);
    if (!plan->cached && plan->lent == 0) free_plan(plan);
}

// A plan that no cache keeps ends with its last statement.
static void let_go(void *home)
{
    dbc__plan *plan = home;

    plan->lent--;
    if (!plan->cached && plan->lent == 0) free_plan(plan);
}

static void explain(void *home, dbc_error *err)
{
    const dbc__plan *plan = home;

    dbc__blame(err, plan->shape, &plan->sql);
}

static void free_cache(void *work)
{
    dbc__plan_cache *cache = work;
    const dbc_alloc *alloc = alloc_of(cache);

    for (size_t i = 0; i < cache->cap; i++)
        if (cache->plans[i]) free_plan(cache->plans[i]);
    if (cache->loose) free_plan(cache->loose);
    dbc_report_free(cache->report);
    dbc__hook_release_all(cache);
    dbc__alloc_free(alloc, cache->plans, cache->cap * sizeof *cache->plans);
    dbc__alloc_free(alloc, cache->index,
                    cache->index_cap * sizeof *cache->index);
    dbc__alloc_free(alloc, cache, sizeof *cache);
}

dbc__plan_cache *dbc__plan_cache_of(dbc_conn *conn)
{
    dbc__plan_cache *cache = conn->work;

    if (cache) return cache;
    cache = dbc__alloc_zero(conn->alloc, 1, sizeof *cache);
    if (!cache) return NULL;
    cache->conn = conn;
    size_t cap = conn->cache.cap;
    if (cap) {
        cache->index_cap = 4;
        while (cache->index_cap < cap * 2)
            cache->index_cap *= 2;
        cache->plans = dbc__alloc_zero(conn->alloc, cap, sizeof *cache->plans);
        cache->index = dbc__alloc_zero(conn->alloc, cache->index_cap,
                                       sizeof *cache->index);
        cache->cap = cache->plans ? cap : 0;
        if (!cache->plans || !cache->index) {
            if (!cache->index) cache->index_cap = 0;
            free_cache(cache);
            return NULL;
        }
    }
    conn->work = cache;
    conn->work_free = free_cache;
    return cache;
}

static uint64_t hash_of(const dbc_query *query, const dbc__policies *policies)
{
    if (!dbc__policies_any(policies)) return query->hash;
    return dbc__hash_mix(query->hash, dbc__policies_hash(policies));
}

// How a level is written depends on what is an aggregate, which a function of
// the host may change. Such a plan is not found again, and evicted in time.
static int is_stale(const dbc__plan *plan)
{
    return plan->loads.levels &&
           plan->functions != plan->cache->conn->functions;
}

dbc__plan *dbc__plan_cache_find(dbc__plan_cache *cache, const dbc_query *query)
{
    const dbc__policies policies = dbc__plan_policies(cache->conn, query);
    uint64_t hash = hash_of(query, &policies);
    size_t mask = cache->index_cap - 1;

    if (!cache->cap) return NULL;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        if (!cache->index[i]) return NULL;
        dbc__plan *plan = cache->plans[cache->index[i] - 1];
        if (plan->hash != hash) continue;
        if (!dbc__tree_same_shape(plan->shape, query)) continue;
        if (is_stale(plan)) continue;
        if (!dbc__policies_same_shape(&plan->policies, &policies)) continue;
        plan->used = ++cache->clock;
        return plan;
    }
}

static void enter_index(dbc__plan_cache *cache, size_t place)
{
    size_t mask = cache->index_cap - 1;
    size_t i = cache->plans[place]->hash & mask;

    while (cache->index[i])
        i = (i + 1) & mask;
    cache->index[i] = (uint32_t)place + 1;
}

static void rebuild_index(dbc__plan_cache *cache)
{
    memset(cache->index, 0, cache->index_cap * sizeof *cache->index);
    for (size_t i = 0; i < cache->cap; i++)
        if (cache->plans[i]) enter_index(cache, i);
}

// A free place for one more plan: evicts the one unused for longest. Returns
// `cap` when all are lent out.
static size_t make_place(dbc__plan_cache *cache)
{
    size_t oldest = cache->cap;

    for (size_t i = 0; i < cache->cap; i++) {
        const dbc__plan *plan = cache->plans[i];
        if (!plan) return i;
        if (plan->lent) continue;
        if (oldest == cache->cap || plan->used < cache->plans[oldest]->used)
            oldest = i;
    }
    if (oldest < cache->cap) {
        free_plan(cache->plans[oldest]);
        cache->plans[oldest] = NULL;
        rebuild_index(cache);
    }
    return oldest;
}

// The shape alone: the values stay with the query that is run.
static dbc_query *copy_shape(const dbc_query *query, const dbc_alloc *alloc)
{
    dbc_query bare = *query;

    bare.used.values = 0;
    bare.used.bytes = 0;
    bare.policy = NULL;
    return dbc_query_clone(&bare, alloc);
}

static int holds(const dbc__plan *plan, const dbc_table *table)
{
    for (size_t i = 0; i < plan->table_count; i++)
        if (plan->tables[i] == table) return 1;
    return 0;
}

// The plan keeps every table of its shape alive: another table could else
// come to stand at the same address and be taken for it.
static int hold_tables(dbc__plan *plan, const dbc_alloc *alloc)
{
    size_t size = sizeof *plan->tables;

    for (uint32_t i = 0; i < plan->shape->used.nodes; i++) {
        const dbc_table *table = dbc__tree_table(plan->shape, i);
        if (!table || holds(plan, table)) continue;
        const dbc_table **grown =
            dbc__alloc_resize(alloc, plan->tables, plan->table_count * size,
                              (plan->table_count + 1) * size);
        if (!grown) return DBC_ENOMEM;
        plan->tables = grown;
        plan->tables[plan->table_count++] = dbc_table_retain(table);
    }
    return DBC_OK;
}

static int keep_shape(dbc__plan *plan, const dbc_query *query,
                      const dbc__policies *policies, const dbc_alloc *alloc)
{
    plan->shape = copy_shape(query, alloc);
    if (!plan->shape) return DBC_ENOMEM;
    int rc = hold_tables(plan, alloc);
    if (rc < 0) return rc;
    // Under a policy the row has to be looked at in the engine.
    if (!dbc__policies_any(policies))
        return dbc__echo_plan_new(&plan->echo, plan->shape, &plan->sql,
                                  plan->cache->conn->driver->dialect, alloc);
    return dbc__policies_copy_shape(&plan->policies, policies, alloc);
}

static int compile(dbc__plan *plan, const dbc_query *query,
                   const dbc__policies *policies)
{
    dbc_conn *conn = plan->cache->conn;

    return dbc__query_compile(&plan->sql, query, policies,
                              conn->driver->dialect, conn->alloc, &conn->error);
}

// For dbc__functions. An engine that cannot be asked has no functions but
// those known by name.
static int is_aggregate(void *ud, const char *name, size_t len,
                        size_t arg_count)
{
    dbc_conn *conn = ud;
    const dbc_services *services = conn->driver->services;

    if (!services || !services->is_aggregate) return 0;
    return services->is_aggregate(conn->db, name, len, arg_count, &conn->error);
}

// What speaks of relations is compiled as it is said in plain words. The
// levels are kept when there are some beside the query itself.
static int compile_expanded(dbc__plan *plan, const dbc_query *query,
                            const dbc__policies *policies)
{
    dbc_conn *conn = plan->cache->conn;
    const dbc__known known = {
        conn->schema, conn->driver->dialect, {is_aggregate, conn}};
    dbc__expansion made;
    dbc_query view;

    plan->functions = conn->functions;
    int rc = dbc__expand(&made, query, &known, conn->alloc, &conn->error);
    if (rc == DBC_OK) {
        view = dbc__load_level_view(&made.levels[0], query);
        rc = compile(plan, &view, policies);
    }
    if (rc == DBC_OK && made.level_count > 1)
        plan->loads = made;
    else
        dbc__expansion_dispose(&made);
    return rc;
}

static int fill_plan(dbc__plan *plan, const dbc_query *query)
{
    dbc_conn *conn = plan->cache->conn;
    const dbc__policies policies = dbc__plan_policies(conn, query);

    plan->hash = hash_of(query, &policies);
    int rc = dbc__expand_is_due(query)
                 ? compile_expanded(plan, query, &policies)
                 : compile(plan, query, &policies);
    if (rc < 0) return rc;
    if (keep_shape(plan, query, &policies, conn->alloc) < 0)
        return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    dbc__guard_prepare(plan);
    return DBC_OK;
}

int dbc__plan_cache_add(dbc__plan **out, dbc__plan_cache *cache,
                        const dbc_query *query)
{
    const dbc_alloc *alloc = alloc_of(cache);
    dbc__plan *plan = dbc__alloc_zero(alloc, 1, sizeof *plan);

    if (!plan) return dbc__conn_fail(cache->conn, DBC_ENOMEM, "out of memory");
    plan->cache = cache;
    int rc = fill_plan(plan, query);
    if (rc < 0) {
        free_plan(plan);
        return rc;
    }
    plan->used = ++cache->clock;
    size_t place = make_place(cache);
    plan->sql.layout.slot = (uint32_t)place;
    plan->sql.layout.serial = ++cache->serial;
    if (place < cache->cap) {
        plan->cached = 1;
        cache->plans[place] = plan;
        enter_index(cache, place);
    }
    *out = plan;
    return DBC_OK;
}

void dbc__plan_cache_keep_loose(dbc__plan_cache *cache, dbc__plan *plan)
{
    if (plan->cached) return;
    if (cache->loose) free_plan(cache->loose);
    cache->loose = plan;
}

// A new statement of the plan. What an echo answers has the columns of the
// plan, though the engine gives none.
static int prepare(dbc_stmt **out, const dbc__plan *plan)
{
    dbc_conn *conn = plan->cache->conn;
    const dbc_sql *sql = plan->echo ? &plan->echo->sql : &plan->sql;
    dbc_stmt *stmt;

    int rc = dbc__stmt_prepare(&stmt, conn, sql->text, sql->len,
                               plan->cached ? DBC_PREPARE_KEPT : 0);
    if (rc < 0) return rc;
    if (plan->echo &&
        dbc__stmt_resize_row(stmt, plan->echo->answer.count) < 0) {
        dbc__stmt_free(stmt);
        return dbc__error_nomem(&conn->error);
    }
    stmt->hash = plan->hash;
    stmt->echo = plan->echo ? &plan->echo->answer : NULL;
    *out = stmt;
    return DBC_OK;
}

// An idle statement that was prepared under the guard that holds now, or NULL.
static dbc_stmt *take_idle(dbc__plan *plan)
{
    uint64_t realm = plan->cache->conn->realm;

    for (int i = plan->idle_count - 1; i >= 0; i--) {
        dbc_stmt *stmt = plan->idle[i];
        if (stmt->realm != realm) continue;
        plan->idle[i] = plan->idle[--plan->idle_count];
        return stmt;
    }
    return NULL;
}

int dbc__plan_lend(dbc_stmt **out, dbc__plan *plan)
{
    dbc_stmt *stmt = take_idle(plan);

    if (!stmt) {
        int rc = dbc__untrusted_check_lend(plan->cache->conn);
        if (rc >= 0) rc = prepare(&stmt, plan);
        if (rc < 0) {
            if (!plan->cached && !plan->lent) free_plan(plan);
            return rc;
        }
    }
    plan->lent++;
    stmt->layout = &plan->sql.layout;
    dbc__stmt_lend(stmt, &plan_home, plan);
    *out = stmt;
    return DBC_OK;
}
