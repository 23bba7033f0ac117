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

// Runs what is in `p->sql`, which is empty afterwards: DBC_ROW and a statement
// to release, DBC_DONE when there is no row, or when it cannot be asked.
int dbc__question_run(dbc_stmt **out, dbc__planner *p);

// The same of the next row.
int dbc__question_next(dbc_stmt *stmt, dbc__planner *p);

// What an answer that is not 0 amounts to.
dbc_level dbc__question_level(const dbc__questions *q, int allowed);

// Rows of a table of the file, or -1 when they cannot be counted.
int dbc__question_count(int64_t *out, dbc__planner *p, const char *table);

#endif
