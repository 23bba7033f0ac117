// A shape has a plan: SQL text, parameter order, row layout, prepared
// statements. One cache of them stands beside each connection.
//
// A plan is found by the hash of the query's shape, and the shape itself is
// compared before the plan is used. It keeps a few idle statements of its
// own, so that running a known shape neither renders, prepares nor looks
// anything up by name. A plan whose statements are lent out is never
// evicted; when every plan is lent, the new one lives until it is returned.
//
// What never floods it: lists are one bound parameter, rows of an insert are
// one statement stepped again and again, and text that is not from a schema
// goes through the connection's own statement cache.
#ifndef DBC_WORK_PLAN_CACHE_H
#define DBC_WORK_PLAN_CACHE_H

#include "conn.h"
#include "echo.h"
#include "expand.h"
#include "policy.h"

enum { DBC__PLAN_IDLE = 4 }; // idle statements a plan keeps

// What a plan checks of the rows it writes.
typedef struct dbc__guard {
    const dbc_column *missing; // not null, no default, not mentioned; or NULL
    int is_filled;             // the host fills a column that is not mentioned
    dbc_value *values;         // owned; of one row, made when first needed
    unsigned char *presence;   // owned, behind the values
} dbc__guard;

typedef struct dbc__plan {
    uint64_t hash;
    dbc_query *shape;         // owned: a copy of the query without its values
    dbc__policies policies;   // owned: likewise, of what it was compiled under
    dbc_sql sql;              // owned
    dbc__echo_plan *echo;     // owned: how an insert is its own answer; or NULL
    const dbc_table **tables; // owned list, one reference each
    size_t table_count;
    dbc__guard guard;
    dbc__expansion loads; // what is loaded with its rows; mostly nothing
    uint64_t functions;   // of the host, when the above was written
    dbc_stmt *idle[DBC__PLAN_IDLE]; // owned
    int idle_count;
    int lent;      // statements that are out
    int cached;    // stands in the cache; else it ends with its last statement
    uint64_t used; // the cache's clock when it was last taken
    struct dbc__plan_cache *cache;
} dbc__plan;

typedef struct dbc__plan_cache {
    dbc_conn *conn;    // borrowed: the cache ends with it
    dbc__plan **plans; // owned; `cap` places, NULL where free
    uint32_t *index;   // owned; place + 1 by hash, `index_cap` entries
    size_t cap, index_cap;
    uint64_t clock, serial;
    dbc__plan *loose;   // owned: shown but neither cached nor lent; or NULL
    dbc_report *report; // owned: what the last row broke, or NULL
    struct dbc__hook *hooks; // owned: what stands around writes; hook.h
} dbc__plan_cache;

// The cache of a connection, made at first use. NULL when memory is out.
dbc__plan_cache *dbc__plan_cache_of(dbc_conn *conn);

// What holds for `query` on `conn`.
static inline dbc__policies dbc__plan_policies(const dbc_conn *conn,
                                               const dbc_query *query)
{
    return (dbc__policies){{query->policy, conn->policy}};
}

// The plan of the query's shape, or NULL when it is not known.
dbc__plan *dbc__plan_cache_find(dbc__plan_cache *cache, const dbc_query *query);

// Compiles the query and remembers its plan. On failure the connection has
// the error and `*out` is untouched.
int dbc__plan_cache_add(dbc__plan **out, dbc__plan_cache *cache,
                        const dbc_query *query);

// Keeps a plan that found no place until the next one that is only shown.
void dbc__plan_cache_keep_loose(dbc__plan_cache *cache, dbc__plan *plan);

// Lends a statement of the plan: an idle one, or a new one. It goes back to
// the plan when it is released.
int dbc__plan_lend(dbc_stmt **out, dbc__plan *plan);

#endif
