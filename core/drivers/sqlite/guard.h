// A connection under rules: what SQL may do, and how much of it.
#ifndef DBC_SQLITE_GUARD_H
#define DBC_SQLITE_GUARD_H

#include "db.h"

// dbc_services' function of this name.
int dbc__sqlite_guard(void *db, const dbc_guard_order *order, dbc_error *err);

// Whether the budget of memory is used up.
int dbc__sqlite_guard_is_over(dbc__sqlite *db);

// Whether memory that is out is the limit's doing.
int dbc__sqlite_guard_limits_heap(const dbc__sqlite *db);

// At close: what holds for the whole process.
void dbc__sqlite_guard_end(dbc__sqlite *db);

#endif
