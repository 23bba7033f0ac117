// An insert that is more than one plain row, said row by row: the rows it takes
// from a query, the row it would make, the one that is there already, and the
// update of that.
#ifndef DBC_LANG_ROWWISE_INSERT_H
#define DBC_LANG_ROWWISE_INSERT_H

#include "dbcore_driver.h"
#include "rowwise.h"

// What an insert asks for that is known only while its rows are written.
typedef enum dbc__insert_form {
    DBC__INSERT_PLAIN = 0,
    DBC__INSERT_FROM_ROWS = 1 << 0, // it takes its rows from a query
    DBC__INSERT_OR_UPDATE = 1 << 1, // it updates the row that is there
    DBC__INSERT_OR_WHERE = 1 << 2   // under a condition
} dbc__insert_form;

// A set of the above.
unsigned dbc__rowwise_form(const dbc_query *insert);

// Each returns a query that is yours; NULL when memory is out, else ask its
// status.

// The query whose rows the insert takes.
dbc_query *dbc__rowwise_source(const dbc_query *insert, const dbc_alloc *alloc);

// One row: what the insert sets those columns to whose presence is
// DBC_COMPUTED; output i is of `columns[i]`, `*count` how many there are, at
// most as many as the table has columns.
dbc_query *dbc__rowwise_computed(const dbc_query *insert,
                                 const unsigned char *presence,
                                 const dbc_column **columns, size_t *count,
                                 const dbc_alloc *alloc);

// A row of an insert as it is known; those below read `changes`, by position.
typedef struct dbc__newcomer {
    const dbc_table *table;
    const dbc__change *changes; // DBC__BY_VALUE, DBC__AS_STORED, DBC__UNSAID
    const dbc_dialect *dialect; // for defaults that are a moment
} dbc__newcomer;

// Whether what tells it from the row that is there is known, so that there can
// be one.
int dbc__rowwise_may_conflict(const dbc_query *insert,
                              const dbc__newcomer *row);

// Every column of the row that is there already.
dbc_query *dbc__rowwise_conflict(const dbc_query *insert,
                                 const dbc__newcomer *row,
                                 const dbc_alloc *alloc);

// The key of the row that is there, `old`, when the condition under which it
// is updated holds; else no row.
dbc_query *dbc__rowwise_wanted(const dbc_query *insert,
                               const dbc__newcomer *row, const dbc_value *old,
                               const dbc_alloc *alloc);

// The insert of the row alone, without an update of another one.
dbc_query *dbc__rowwise_insert(const dbc_query *insert,
                               const dbc__newcomer *row,
                               const dbc_alloc *alloc);

// The update of the row that is there, `old`.
dbc_query *dbc__rowwise_update(const dbc_query *insert,
                               const dbc__newcomer *row, const dbc_value *old,
                               const dbc_alloc *alloc);

#endif
