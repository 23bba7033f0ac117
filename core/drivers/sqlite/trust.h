// Whether the schema in a file has to be trusted for the application's own
// schema to work with the version of SQLite that is there.
#ifndef DBC_SQLITE_TRUST_H
#define DBC_SQLITE_TRUST_H

#include "db.h"

// `schema` may be NULL: nothing is known, nothing is trusted. `*out` becomes 1
// or 0. Returns DBC_OK or DBC_ENOMEM.
int dbc__sqlite_must_trust(int *out, dbc__sqlite *db, const dbc_schema *schema,
                           dbc_error *err);

#endif
