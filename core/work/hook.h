// The hooks of a connection, by table, and the row that they are shown. What
// calls them, and when, is hooked.c.
#ifndef DBC_WORK_HOOK_H
#define DBC_WORK_HOOK_H

#include "arena.h"
#include "plan_cache.h"
#include "rowwise.h"

// The hooks of one table. They may be replaced while they are called: they end
// when nobody uses them any more.
typedef struct dbc__hook {
    struct dbc__hook *next;
    const dbc_table *table; // one reference
    dbc_hooks hooks;
    const dbc_alloc *alloc; // borrowed
    int uses;
} dbc__hook;

// Those of the table of that name, or NULL.
dbc__hook *dbc__hook_find(const dbc__plan_cache *cache, const dbc_table *table);

void dbc__hook_retain(dbc__hook *hook);
void dbc__hook_release(dbc__hook *hook); // NULL is allowed

// At close.
void dbc__hook_release_all(dbc__plan_cache *cache);

struct dbc_write {
    dbc_conn *conn;         // borrowed
    dbc_query_kind kind;    // of the query
    const dbc_table *table; // borrowed
    dbc_row row;            // in `memory`, as are the next two
    dbc__change *changes;
    const dbc_value *old; // or NULL
    dbc__arena *memory;   // of the row
    const dbc_alloc *alloc;
    int is_open;                // it may be changed
    int is_touched;             // it was
    int is_upsert, has_deleted; // of the query
};

// A row of `table` of which nothing is known. Dispose it before the arena.
// DBC_OK or DBC_ENOMEM.
int dbc__write_init(dbc_write *write, dbc_conn *conn, dbc_query_kind kind,
                    const dbc_table *table, dbc__arena *memory);
void dbc__write_dispose(dbc_write *write);

// A copy of `values` whose texts are in the arena; NULL when memory is out.
dbc_value *dbc__write_copy(dbc__arena *memory, const dbc_value *values,
                           size_t count);

#endif
