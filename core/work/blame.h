// What a constraint that failed is about, where the engine does not say it but
// the description of the table does.
#ifndef DBC_WORK_BLAME_H
#define DBC_WORK_BLAME_H

#include "dbcore.h"

// Fills table, columns and constraint of an error that running `query` as
// `sql` ended with, as far as they are certain, and names in its message what
// the engine left out. Errors that are not about constraints stay as they are.
void dbc__blame(dbc_error *err, const dbc_query *query, const dbc_sql *sql);

#endif
