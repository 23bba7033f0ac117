// What is known of a condition and of the values in it. A value may be unknown;
// then so is what depends on it, and nothing else.
#ifndef DBC_LANG_TRUTH_H
#define DBC_LANG_TRUTH_H

#include "dbcore.h"

typedef enum dbc__truth {
    DBC__FALSE,
    DBC__TRUE,
    DBC__NULL_TRUTH,
    DBC__CANNOT_TELL
} dbc__truth;

// A value in a condition.
typedef struct dbc__operand {
    int known;
    dbc_value value;          // when it is known
    const dbc_column *column; // it is this column as it stands, or NULL
} dbc__operand;

dbc__operand dbc__operand_unknown(void);
dbc__operand dbc__operand_known(dbc_value value);

// 1, 0 or NULL; or unknown.
dbc__operand dbc__operand_of(dbc__truth truth);

static inline int dbc__value_is_number(const dbc_value *value)
{
    return value->type == DBC_INT || value->type == DBC_REAL;
}

// Whether the value counts as true.
dbc__truth dbc__truth_of(const dbc__operand *of);

dbc__truth dbc__truth_not(dbc__truth truth);
dbc__truth dbc__truth_and(dbc__truth a, dbc__truth b);
dbc__truth dbc__truth_or(dbc__truth a, dbc__truth b);

typedef enum dbc__comparison {
    DBC__LT,
    DBC__LE,
    DBC__EQ,
    DBC__NE,
    DBC__GE,
    DBC__GT
} dbc__comparison;

dbc__truth dbc__truth_compare(const dbc__operand *a, dbc__comparison how,
                              const dbc__operand *b);

// IS: as =, but NULL is a value like others.
dbc__truth dbc__truth_is(const dbc__operand *a, const dbc__operand *b);
dbc__truth dbc__truth_is_null(const dbc__operand *of);

// LIKE without ESCAPE.
dbc__truth dbc__truth_like(const dbc__operand *a, const dbc__operand *b);

// -1, 0 or 1: two numbers, compared exactly as SQLite does.
int dbc__compare_numbers(const dbc_value *a, const dbc_value *b);

#endif
