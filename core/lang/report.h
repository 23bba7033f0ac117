// What a row breaks, as a list. Filled by the rules of the library and of the
// host, kept in the order of the table's columns.
#ifndef DBC_LANG_REPORT_H
#define DBC_LANG_REPORT_H

#include "arena.h"
#include "dbcore.h"

struct dbc_report {
    dbc__arena arena;     // the texts
    dbc_violation *items; // owned, `cap` places
    size_t count, cap;
    int status; // DBC_OK, or DBC_ENOMEM once something did not fit
};

// Where a violation is: its constraint is NULL unless it is one of the
// database's.
typedef struct dbc__fault {
    const dbc_column *column; // or NULL
    const char *path;         // or NULL: the column's name
    const char *rule;
    const char *constraint; // or NULL
} dbc__fault;

// Adds one with a printf message. Sticky: the status tells.
void dbc__report_add(dbc_report *report, const dbc__fault *fault,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// DBC_OK when it is empty; else DBC_EVALIDATION or DBC_ENOMEM, and `err` (may
// be NULL) has the first message, how many more there are, the table and all
// columns.
int dbc__report_finish(const dbc_report *report, const dbc_table *table,
                       dbc_error *err);

#endif
