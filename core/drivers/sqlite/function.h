// Functions and collations of the host: dbc_services' functions of these
// names.
#ifndef DBC_SQLITE_FUNCTION_H
#define DBC_SQLITE_FUNCTION_H

#include "db.h"

int dbc__sqlite_create_function(void *db, const dbc_function *function,
                                dbc_error *err);
int dbc__sqlite_create_aggregate(void *db, const dbc_aggregate *aggregate,
                                 dbc_error *err);
int dbc__sqlite_is_aggregate(void *db, const char *name, size_t len,
                             size_t arg_count, dbc_error *err);
int dbc__sqlite_create_collation(void *db, const dbc_collation *collation,
                                 dbc_error *err);

// After a statement that ended while a callback had failed: when a collation
// did, what it wrote may be in the wrong place, so an open transaction is
// rolled back. `wrote` says whether the statement could write.
void dbc__sqlite_callback_settle(dbc__sqlite *db, int wrote);

#endif
