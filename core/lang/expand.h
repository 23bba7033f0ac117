// Relations, said in plain words. A query may speak of relations by name; a
// schema knows which tables and keys those are. Here such a query becomes
// several without a word about relations: the query itself, in which "has" is
// an EXISTS and a count of relatives a scalar subquery, and one query for each
// level that is loaded with it, which reads the relatives of many rows at once
// from a list of their keys. Everything is ordinary nodes, so whatever holds
// for a query holds for these.
//
// Values keep their numbers: a query that was made here is run with the values
// of the one it was made from.
#ifndef DBC_LANG_EXPAND_H
#define DBC_LANG_EXPAND_H

#include "aggregate.h"
#include "arena.h"
#include "tree.h"

// Where one column of a key stands in a row: an output, or behind all outputs
// that rows show.
typedef struct dbc__key_place {
    uint32_t index;
    int is_hidden; // then it counts from the first hidden one
} dbc__key_place;

// One level: the query itself, or a relation that is loaded. Everything lies
// in the expansion's arena but the query, which is owned.
typedef struct dbc__load_level {
    const dbc_relation *relation; // of the schema; NULL: the query itself
    uint32_t parent;              // whose rows have these, smaller than its own
    dbc_query *query;             // its values are those of the original
    uint32_t hidden_count;        // outputs behind those that rows show; of a
                                  // relation the last is the number of the key
    int by_key;                   // or the key itself, of a single column
    const dbc__key_place *keys;   // in the parent's rows, relation->key_count
    const char **lists;           // the parameters that take the keys
    const char **params;          // names of its other parameters
    size_t param_count;
} dbc__load_level;

typedef struct dbc__expansion {
    dbc__arena arena;
    dbc__load_level *levels; // parents first
    uint32_t level_count;
} dbc__expansion;

// A query that was made here with the values of the one it was made from, on
// loan from both.
static inline dbc_query dbc__expanded_view(const dbc_query *expanded,
                                           const dbc_query *original)
{
    dbc_query view = *expanded;

    view.values = original->values;
    view.bytes = original->bytes;
    view.used.values = original->used.values;
    view.used.bytes = original->used.bytes;
    view.policy = original->policy;
    return view;
}

static inline dbc_query dbc__load_level_view(const dbc__load_level *level,
                                             const dbc_query *original)
{
    return dbc__expanded_view(level->query, original);
}

// Whether `query` says anything about relations.
int dbc__expand_is_due(const dbc_query *query);

// What decides how relations are said. A NULL schema knows none; without a
// dialect they are said as any database understands.
typedef struct dbc__known {
    const dbc_schema *schema;
    const dbc_dialect *dialect;
    dbc__functions functions;
} dbc__known;

// Fills `out`, to be disposed also after a failure. DBC_OK; DBC_ENOMEM;
// DBC_ESCHEMA for a relation that is not there; DBC_EINVALID for what makes no
// sense; what the functions failed with, which then has filled `err`.
int dbc__expand(dbc__expansion *out, const dbc_query *query,
                const dbc__known *known, const dbc_alloc *alloc,
                dbc_error *err);

// The same for a condition on the rows of `table`, one expression. The caller
// frees `*out`, whose values are those of `condition`.
int dbc__expand_condition(dbc_query **out, const dbc_query *condition,
                          const dbc_schema *schema, const dbc_table *table,
                          const dbc_alloc *alloc, dbc_error *err);

void dbc__expansion_dispose(dbc__expansion *expansion);

#endif
