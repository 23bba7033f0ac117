// Questions about the rows of one table, and the findings they become.
#ifndef DBC_MIGRATE_QUESTION_H
#define DBC_MIGRATE_QUESTION_H

#include "plan.h"

// What is shown as an example: which row it is, or what its column holds.
typedef enum dbc__example {
    DBC__QUESTION_KEY,
    DBC__QUESTION_VALUE
} dbc__example;

typedef struct dbc__questions {
    dbc__planner *p;
    const dbc__match *match;
    const dbc__shape *now;
    dbc__list list;
} dbc__questions;

// Adds the question how many rows fulfil the condition in `p->sql`, which is
// empty afterwards. In `message`, "{count}" becomes "3 rows". The finding is a
// refusal, or a warning when `allowed`.
int dbc__question_add(dbc__questions *q, const char *code, const char *column,
                      dbc__example example, const char *message,
                      const char *fix);
int dbc__question_add_allowed(dbc__questions *q, const char *code,
                              const char *column, dbc__example example,
                              const char *message, const char *fix);

// Adds those about foreign keys that are new, of a column or (NULL) of the
// table.
int dbc__question_keys(dbc__questions *q, const dbc__column *column,
                       const dbc__shape *now);

// Asks all of them.
int dbc__question_ask(dbc__questions *q);

// Asks for duplicates. `what` is unique; `where` may be NULL.
int dbc__question_unique(dbc__questions *q, const dbc__term *terms,
                         size_t count, const dbc__span *where, const char *code,
                         const char *what);

// Rows of a table of the file, or -1 when they cannot be counted.
int dbc__question_count(int64_t *out, dbc__planner *p, const char *table);

#endif
