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
    DBC__AS_STORED, // a value that the database takes as it can
    DBC__UNSAID     // nothing is set
} dbc__origin;

typedef struct dbc__change {
    dbc__origin origin;
    dbc_value value;       // DBC__BY_VALUE, DBC__AS_STORED
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

// For who says writes row by row. Goes through the nodes of `query` from the
// end on, those of subqueries left out: `*i` is one past where to look, at
// first how many nodes there are. False when there is none.
int dbc__rowwise_previous(const dbc_query *query, uint32_t *i, uint32_t *place);

// The node says nothing more.
void dbc__rowwise_silence(dbc__node *node);

// Sets what the change says, if anything.
void dbc__rowwise_set(dbc_query *query, const dbc_column *column,
                      const dbc__change *change);

// The condition that a column has this value.
void dbc__rowwise_match(dbc_query *query, const dbc_column *column,
                        const dbc_value *value);

// Whether the write returns anything, and whether that is every column.
int dbc__rowwise_returns(const dbc_query *write, int *all);

#endif
