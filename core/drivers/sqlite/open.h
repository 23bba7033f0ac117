// Opening a database file with the defaults that dbc_open() promises.
#ifndef DBC_SQLITE_OPEN_H
#define DBC_SQLITE_OPEN_H

#include "db.h"

// dbc_driver's functions of these names.
int dbc__sqlite_open(void **out, const dbc_driver_options *options,
                     dbc_error *err);
void dbc__sqlite_close(void *db);

#endif
