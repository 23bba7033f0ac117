// Tables of a catalog in the words of a schema.
#ifndef DBC_MIGRATE_DESCRIBE_H
#define DBC_MIGRATE_DESCRIBE_H

#include "catalog.h"

// Fills in the descriptions of all tables that can be described; the others
// have none. DBC_OK or DBC_ENOMEM.
int dbc__describe(dbc_catalog *catalog, const dbc_dialect *dialect);

// The same for one that a caller asked for: it is freed when memory is out.
int dbc__describe_or_free(dbc_catalog **catalog, dbc_conn *conn);

#endif
