// Rows that a write read or returns, kept until they are done with.
#ifndef DBC_WORK_RETURNED_H
#define DBC_WORK_RETURNED_H

#include "arena.h"
#include "dbcore.h"

typedef struct dbc__returned {
    const dbc_alloc *alloc;
    dbc__arena memory; // of the texts in `rows`
    dbc_value *rows;   // owned
    size_t used, cap;  // values
} dbc__returned;

void dbc__returned_init(dbc__returned *rows, const dbc_alloc *alloc);
void dbc__returned_dispose(dbc__returned *rows); // it can be used again

// Keeps a copy of a row of `count` values. DBC_OK or DBC_ENOMEM.
int dbc__returned_add(dbc__returned *rows, const dbc_value *row, size_t count);

#endif
