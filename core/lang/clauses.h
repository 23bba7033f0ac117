// The clauses of one query or subquery, found in its run of nodes.
#ifndef DBC_LANG_CLAUSES_H
#define DBC_LANG_CLAUSES_H

#include "arena.h"
#include "tree.h"

typedef struct dbc__clauses {
    const dbc_query *query; // borrowed
    uint32_t *places;       // of clause nodes, in the order they were said
    uint32_t count;
} dbc__clauses;

// Collects the clauses among nodes `begin` to `end` (excluded), without those
// of subqueries inside. DBC_OK or DBC_ENOMEM.
int dbc__clauses_collect(dbc__clauses *out, const dbc_query *query,
                         uint32_t begin, uint32_t end, dbc__arena *arena);

// The same for the subquery whose DBC__QUERY node is at `place`.
int dbc__clauses_of(dbc__clauses *out, const dbc_query *query, uint32_t place,
                    dbc__arena *arena);

// The next clause of kind `op` from index `*i` on; sets `*place` and moves
// `*i` behind it. False when there is none.
int dbc__clauses_next(const dbc__clauses *clauses, dbc__node_op op, uint32_t *i,
                      uint32_t *place);

// The clause of kind `op` that was said last. False when there is none.
int dbc__clauses_last(const dbc__clauses *clauses, dbc__node_op op,
                      uint32_t *place);

// What the first clause is called that has no place in a statement of `kind`;
// NULL when all have. Static.
const char *dbc__clauses_stranger(const dbc__clauses *clauses,
                                  dbc_query_kind kind);

static inline int dbc__clauses_have(const dbc__clauses *clauses,
                                    dbc__node_op op)
{
    uint32_t place;
    return dbc__clauses_last(clauses, op, &place);
}

#endif
