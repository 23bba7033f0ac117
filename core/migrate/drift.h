// A database that is no longer what its last migration left.
#ifndef DBC_MIGRATE_DRIFT_H
#define DBC_MIGRATE_DRIFT_H

#include "history.h"

// DBC_OK when all that differs has a name that matches one of `ignore`; else
// DBC_EDRIFT, and the first difference in words.
int dbc__drift_judge(dbc_conn *conn, const dbc_history *history,
                     const dbc_names *ignore);

#endif
