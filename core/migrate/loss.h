// What a plan would lose: tables, columns, values that are stored as others.
#ifndef DBC_MIGRATE_LOSS_H
#define DBC_MIGRATE_LOSS_H

#include "question.h"

// A table that goes.
int dbc__loss_of_table(dbc__planner *p, const dbc__match *match);

// The text of a full-text index that is made anew.
int dbc__loss_of_text(dbc__planner *p, const dbc__match *match);

// Columns that go.
int dbc__loss_of_columns(dbc__questions *q);

// Adds the question which values of column `i` would be stored as others.
int dbc__loss_of_values(dbc__questions *q, size_t i);

#endif
