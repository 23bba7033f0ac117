// Trusting the schema in a file while migrations run that make a full-text
// index: its triggers may write to it only then.
#ifndef DBC_MIGRATE_TRUST_H
#define DBC_MIGRATE_TRUST_H

#include "migrator.h"

// Whether the connection trusts the schema in its file.
int dbc__trust_ask(int *out, dbc_conn *conn);

// Whether the connection trusts now, and did not before. The text of one of the
// migrations has to speak of FTS5. Returns 1, 0, or below zero.
int dbc__trust_give(dbc_conn *conn, const dbc_migrator *migrator);

// Afterwards it trusts as little as before, or is broken.
int dbc__trust_take(dbc_conn *conn);

#endif
