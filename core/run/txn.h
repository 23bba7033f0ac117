// Transactions as the other files of this layer see them: noticing what the
// engine, or raw SQL, did to them.
#ifndef DBC_RUN_TXN_H
#define DBC_RUN_TXN_H

#include "conn.h"

// Why a DBC_TXN_READ refuses a statement.
#define DBC__ONLY_READS \
    "this transaction only reads: begin it in another mode to write"

// One depth of transactions: the handle that is open there, and the statements
// that end it. These are taken before it begins, so that neither commit nor
// rollback needs memory or can fail to be prepared.
typedef struct dbc__txn_level {
    uint64_t serial;
    dbc_stmt *commit; // owned, as is the other one; not lent
    dbc_stmt *rollback;
} dbc__txn_level;

// Asks the driver whether a transaction is open; when it is not, all handles
// are over. Returns what the driver said.
int dbc__txn_notice(dbc_conn *conn);

// Ends all handles deeper than `depth` and gives their statements back.
void dbc__txn_close_above(dbc_conn *conn, int depth);

#endif
