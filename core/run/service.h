// Services that only the library itself asks for. A driver that lacks one has
// nothing to switch: that is DBC_OK.
#ifndef DBC_RUN_SERVICE_H
#define DBC_RUN_SERVICE_H

#include "conn.h"

// What is taken from now on though it is refused otherwise: DBC_LENIENT_…;
// 0: nothing.
int dbc__lenient(dbc_conn *conn, unsigned what);

// `call` runs again and again while a statement does; anything but 0 interrupts
// it. NULL ends it. It must not use the connection.
int dbc__on_tick(dbc_conn *conn, int (*call)(void *ud), void *ud);

// How many rows the statement that runs has read in passes over whole tables;
// 0 when that is not known. May be asked while it runs.
int64_t dbc__rows_read(const dbc_conn *conn);

#endif
