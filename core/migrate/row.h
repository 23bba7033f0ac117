// The rows of a table as they will be, as a subquery over the file as it is.
#ifndef DBC_MIGRATE_ROW_H
#define DBC_MIGRATE_ROW_H

#include "plan.h"

// The name of the column of a new row that tells which one it is.
#define DBC__ROW_KEY "dbcore_key"

// Adds "(SELECT …) AS "table"" to `p->sql`: every column of the table as it
// will be, generated ones included, holding what will be stored. Where `raws`
// (by column; NULL: nowhere) is not 0, what filled a column that converts, or
// stood in one that comes to be generated, is beside it under the name of
// dbc__row_raw(): all of them could be more than a row has room for.
void dbc__row_new(dbc__planner *p, const dbc__match *match,
                  const dbc__shape *now, const char *raws);

// NULL when memory is out.
const char *dbc__row_raw(dbc__planner *p, size_t i);

// Whether storing may change what fills column `i`.
int dbc__row_converts(const dbc__planner *p, const dbc__match *match, size_t i);

// Whether values of column `i` compare by another collation than before.
int dbc__row_collates(const dbc__match *match, size_t i);

// What is added between the two is converted as a column of that affinity
// does it, and compares like one.
void dbc__row_held(dbc__planner *p, dbc__affinity affinity);
void dbc__row_held_end(dbc__planner *p, dbc__affinity affinity);

#endif
