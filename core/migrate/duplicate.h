// Rows that something UNIQUE would not let in, and the finding they become.
#ifndef DBC_MIGRATE_DUPLICATE_H
#define DBC_MIGRATE_DUPLICATE_H

#include "question.h"

// `what` is unique over `terms`; `where` (of an index) may be NULL.
int dbc__duplicate_ask(dbc__questions *q, const dbc__term *terms, size_t count,
                       const dbc__span *where, const char *code,
                       const char *what);

#endif
