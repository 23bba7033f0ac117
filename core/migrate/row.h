// The rows of a table as they will be, as a subquery over the file as it is.
#ifndef DBC_MIGRATE_ROW_H
#define DBC_MIGRATE_ROW_H

#include "plan.h"

// The name of the column of a new row that tells which one it is.
#define DBC__ROW_KEY "dbcore_key"

// Adds "(SELECT …) AS "table"" to `p->sql`: every column of the table as it
// will be, generated ones included, with types not converted yet.
void dbc__row_new(dbc__planner *p, const dbc__match *match,
                  const dbc__shape *now);

// The same with the columns of the old row, under the names they will have.
void dbc__row_old(dbc__planner *p, const dbc__match *match);

// Adds what column `i` of a new row is converted to when it is stored.
void dbc__row_stored(dbc__planner *p, const dbc__match *match, size_t i);

// Whether storing may change what was in the column before.
int dbc__row_converts(const dbc__match *match, size_t i);

#endif
