// What the indexes of a table are good for, as far as its description tells:
// finding rows by a key, and giving those of one key in an order.
#ifndef DBC_LANG_INDEX_H
#define DBC_LANG_INDEX_H

#include "dbcore.h"

typedef struct dbc__index_term {
    const dbc_column *column;
    int descending; // NULL where it is by itself: first, or last
} dbc__index_term;

typedef enum dbc__index_use {
    DBC__INDEX_NONE,
    DBC__INDEX_KEY,  // finds the rows of a key
    DBC__INDEX_ORDER // gives them in the order, too
} dbc__index_use;

// What the best index on columns `key`, in any order, does for rows of `table`
// in the order of `terms`. With DBC__INDEX_ORDER, `*descending` says in which
// direction its keys follow each other then. Columns are told by their names.
dbc__index_use dbc__index_find(int *descending, const dbc_table *table,
                               const dbc_column *const *key, size_t key_count,
                               const dbc__index_term *terms, size_t term_count);

// Whether no two rows have the same values, none of them NULL, in `columns`.
int dbc__index_is_unique(const dbc_table *table,
                         const dbc_column *const *columns, size_t count);

#endif
