// Which calls are of aggregates: those make one row of many where a query does
// not group, so whoever rewrites a query has to know. The common ones are
// known by name, the others are asked for.
#ifndef DBC_LANG_AGGREGATE_H
#define DBC_LANG_AGGREGATE_H

#include "tree.h"

// Who knows the functions of a database. A NULL `is_aggregate` knows none.
typedef struct dbc__functions {
    // 1 for an aggregate, 0 for anything else or what is not there, or below
    // zero: then it has said why.
    int (*is_aggregate)(void *ud, const char *name, size_t len,
                        size_t arg_count);
    void *ud;
} dbc__functions;

// Whether the CALL, SQL or RAW at `place` is of an aggregate or has one: 1 or
// 0, or below zero as above. A window is not looked for around a CALL; in a
// text a call with OVER is none.
int dbc__aggregate_at(const dbc_query *query, uint32_t place,
                      const dbc__functions *functions);

#endif
