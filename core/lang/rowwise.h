// A write said row by row: which rows it is about, and what it does to one of
// them. For what stands around the writes of a table and has to know each.
#ifndef DBC_LANG_ROWWISE_H
#define DBC_LANG_ROWWISE_H

#include "tree.h"

// Where a column gets its value from.
typedef enum dbc__origin {
    DBC__AS_SAID, // the query says it
    DBC__BY_VALUE,
    DBC__BY_EXPR,
    DBC__UNSAID // nothing is set
} dbc__origin;

typedef struct dbc__change {
    dbc__origin origin;
    dbc_value value;       // DBC__BY_VALUE
    const dbc_query *expr; // DBC__BY_EXPR: a query that holds one expression
} dbc__change;

// One row of a write.
typedef struct dbc__rowwise {
    dbc_query_kind kind; // a delete may become an update
    const dbc_table *table;
    const dbc__change *changes; // by position; of a delete NULL
    const dbc_value *old;       // by position: the row that is meant, by key;
                                // NULL: the rows that the query means
    int wants_row;              // all columns, behind what it returns
} dbc__rowwise;

// The rows that an update or delete is about, every column of them. NULL when
// memory is out; else ask its status. Yours.
dbc_query *dbc__rowwise_select(const dbc_query *write, const dbc_alloc *alloc);

// The write of one row. As above.
dbc_query *dbc__rowwise_write(const dbc_query *write, const dbc__rowwise *row,
                              const dbc_alloc *alloc);

// Whether the write returns anything, and whether that is every column.
int dbc__rowwise_returns(const dbc_query *write, int *all);

#endif
