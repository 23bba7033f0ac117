// A policy as the library holds it: rules by table and operation, the words of
// their conditions in one flat tree, and the policy it narrows. It is a value:
// built once, then shared and never changed.
//
// Two policies of one shape differ only by the values bound in their
// conditions, as two queries of one shape do: what was compiled under one of
// them serves the other.
#ifndef DBC_LANG_POLICY_H
#define DBC_LANG_POLICY_H

#include "arena.h"
#include "counted.h"
#include "tree.h"

typedef struct dbc__rule {
    struct dbc__rule *next;
    const dbc_table *table; // one reference
    unsigned operations;    // DBC_POLICY_…
    uint32_t first;         // node of the policy's words
    dbc_expr condition;     // the last of them; 0: every row
    const char *name;       // or ""
    int refusal;            // not DBC_OK: whoever needs the rule gets this …
    const char *message;    // … with this; else NULL
} dbc__rule;

// A table that the words speak of.
typedef struct dbc__held {
    struct dbc__held *next;
    const dbc_table *table; // one reference
} dbc__held;

struct dbc_policy {
    dbc__counted counted;
    const dbc_alloc *alloc;
    const dbc_policy *base; // one reference, or NULL
    unsigned flags;
    const dbc_schema *open; // one reference: whose tables need no rule; or NULL
    dbc_query *words;       // owned
    dbc__rule *rules;       // in the arena, in the order they were made
    dbc__rule **last;
    dbc__held *held; // in the arena
    dbc__arena arena;
    uint64_t hash; // of the shape, without that of the base
};

// All that holds where a query runs: what was set on the connection and what
// the query itself was started under. Either may be NULL.
enum { DBC__POLICIES = 2 };
typedef struct dbc__policies {
    const dbc_policy *heads[DBC__POLICIES];
} dbc__policies;

static inline int dbc__policies_any(const dbc__policies *policies)
{
    return policies->heads[0] != NULL || policies->heads[1] != NULL;
}

// One policy of all that hold. The values of all of them are numbered in one
// row; its own begin at `first_value`.
typedef struct dbc__level {
    const dbc_policy *policy;
    uint32_t first_value;
    int head;
} dbc__level;

// Goes to the next level; start with all zero. False when there is none.
int dbc__level_next(dbc__level *level, const dbc__policies *policies);

// The level that value `index` belongs to; it must be one of them.
dbc__level dbc__level_of(const dbc__policies *policies, uint32_t index);

uint64_t dbc__policies_hash(const dbc__policies *policies);

// Whether both have the same shape; mostly there are none.
int dbc__policies_compare(const dbc__policies *a, const dbc__policies *b);
static inline int dbc__policies_same_shape(const dbc__policies *a,
                                           const dbc__policies *b)
{
    if (!dbc__policies_any(a) && !dbc__policies_any(b)) return 1;
    return dbc__policies_compare(a, b);
}

// Copies of the policies without the values in them. DBC_OK or DBC_ENOMEM;
// then `out` is empty.
int dbc__policies_copy_shape(dbc__policies *out, const dbc__policies *policies,
                             const dbc_alloc *alloc);
void dbc__policies_release(dbc__policies *policies);

#endif
