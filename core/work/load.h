// A load of relatives from the inside: what opens it and what reads it share
// this. dbcore.h says what it is for.
#ifndef DBC_WORK_LOAD_H
#define DBC_WORK_LOAD_H

#include "key_set.h"
#include "plan_cache.h"

// One level while it is read.
typedef struct dbc__load_run {
    const dbc__load_level *level;
    dbc__key_set parents; // keys of the rows above; of level 0 empty
    dbc_query view;       // its query with the values of the original
} dbc__load_run;

struct dbc_load {
    dbc_conn *conn;         // borrowed
    const dbc_query *query; // borrowed
    dbc_stmt *root;         // lent until it is closed: it holds the plan
    dbc_stmt *stmt;         // of the level that is read; or NULL
    dbc__load_run *runs;    // owned, `count` of them
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

// The plan, and all levels with it, ended with the connection.
static inline int dbc__load_is_closed(const dbc_load *load)
{
    return dbc_stmt_layout(load->root) == NULL;
}

// The lists of keys and those of the arguments that a level asks for, good
// until the next time.
dbc_args dbc__load_args(dbc_load *load, dbc__load_run *at);

// Checks the names of what level `parent` has among its rows.
int dbc__load_check_names(dbc_load *load, size_t parent,
                          const dbc_layout *layout);

// Give back what a batch holds. The error of the connection stays.
void dbc__load_release_level(dbc_load *load);
void dbc__load_end_snapshot(dbc_load *load);

#endif
