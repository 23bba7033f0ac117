// What only an engine can do, see dbc_services.
#ifndef DBC_SQLITE_SERVICE_H
#define DBC_SQLITE_SERVICE_H

#include "db.h"

extern const dbc_services dbc__sqlite_services;

#endif
