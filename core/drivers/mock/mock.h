// The script and the log of the mock driver: what is to be answered, and what
// was asked. All of it is copied, each answer and each entry into one block.
#ifndef DBC_DRIVER_MOCK_H
#define DBC_DRIVER_MOCK_H

#include <stddef.h>

#include "dbcore_driver.h"

typedef struct dbc__mock_answer {
    struct dbc__mock_answer *next;
    size_t size;     // of this block
    const char *sql; // in this block, or NULL: any text
    size_t sql_len;
    dbc_mock_answer body; // what it points to is in this block
    int used;
} dbc__mock_answer;

typedef struct dbc__mock_entry {
    size_t size; // of this block
    const char *sql;
    size_t sql_len;
    const dbc_value *values;
    size_t count;
} dbc__mock_entry;

struct dbc_mock {
    const dbc_alloc *alloc; // borrowed
    // All that were ever expected, in order: a statement may still describe
    // its columns by one that was used.
    dbc__mock_answer *first, *last;
    dbc__mock_entry **log; // owned
    size_t log_count;
    size_t log_cap;
};

extern const dbc_dialect dbc__mock_dialect;

// Memory from `alloc`; NULL means the C library's.
void *dbc__mock_resize(const dbc_alloc *alloc, void *ptr, size_t old_size,
                       size_t new_size);

// The answer for the next run of that text, or NULL. With `named_only` those
// for any text do not count.
dbc__mock_answer *dbc__mock_peek(const dbc_mock *mock, const char *sql,
                                 size_t len, int named_only);

// The failure scripted for the next dbc_open(), or NULL.
dbc__mock_answer *dbc__mock_peek_open(const dbc_mock *mock);

// Puts a run into the log. DBC_OK or DBC_ENOMEM.
int dbc__mock_record(dbc_mock *mock, const char *sql, size_t len,
                     const dbc_value *values, size_t count);

#endif
