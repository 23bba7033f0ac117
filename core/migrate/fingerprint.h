// One short text for a whole catalog: equal for two of them when nothing
// differs that the database can tell apart.
#ifndef DBC_MIGRATE_FINGERPRINT_H
#define DBC_MIGRATE_FINGERPRINT_H

#include "catalog.h"

// Fills `catalog->fingerprint`. DBC_OK or DBC_ENOMEM.
int dbc__fingerprint(dbc_catalog *catalog);

// How an object is written in it. Two objects of one name are the same when
// these are equal.
int dbc__fingerprint_same(const dbc__object *a, const dbc__object *b);

#endif
