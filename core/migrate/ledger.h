// The ledger: the table in which a database keeps what it has been through. It
// is a log that only grows; what holds now follows from its rows in order. The
// one kind of row that goes again is a claim: who is migrating at the moment.
#ifndef DBC_MIGRATE_LEDGER_H
#define DBC_MIGRATE_LEDGER_H

#include "arena.h"
#include "conn.h"

// What a row says about its migration.
typedef enum dbc__ledger_verb {
    DBC__LEDGER_UP,
    DBC__LEDGER_DOWN,
    DBC__LEDGER_BASELINE, // applied without being run
    DBC__LEDGER_REPAIR,   // applied, and from now on with this checksum
    DBC__LEDGER_FORGET,   // no longer applied, though nothing was run
    DBC__LEDGER_RUNNING,  // a claim: no migration, but somebody who runs them
    DBC__LEDGER_VERB_COUNT
} dbc__ledger_verb;

// A row. Texts belong to whoever made it.
typedef struct dbc__ledger_row {
    dbc__ledger_verb verb;
    const char *version, *name, *checksum;
    const char *source;      // or NULL
    const char *plan;        // the SQL that was run, or NULL
    const char *fingerprint; // of the database afterwards
    const char *schema;      // its CREATE statements; of the last row only
    int64_t applied_at;      // seconds since 1970-01-01 UTC
    int64_t duration_ms;
    const char *host;
    int64_t pid;
} dbc__ledger_row;

typedef struct dbc__ledger {
    dbc__ledger_row *rows; // without claims
    size_t count;
    dbc__ledger_row claim; // the last one; `host` NULL when there is none
    int exists;            // the table is there
} dbc__ledger;

// Reads all of it into `arena`: one statement when there is no table, two when
// there is one.
int dbc__ledger_read(dbc__ledger *out, dbc__arena *arena, dbc_conn *conn);

// Makes the table where it is missing. Inside a transaction.
int dbc__ledger_create(dbc_conn *conn);

// Adds a row, with who and when; takes the schema away from older ones.
int dbc__ledger_add(dbc_conn *conn, const dbc__ledger_row *row);

// Puts a claim of this process there, and removes those of processes that are
// gone.
int dbc__ledger_claim(dbc_conn *conn, const char *version, const char *name);

// Takes it back, and with `table` the table too when nothing else is in it.
int dbc__ledger_release(dbc_conn *conn, int table);

#endif
