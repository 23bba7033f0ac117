// Transactions as the other files of this layer see them: noticing what the
// engine, or raw SQL, did to them.
#ifndef DBC_RUN_TXN_H
#define DBC_RUN_TXN_H

#include "conn.h"

// Why a DBC_TXN_READ refuses a statement.
#define DBC__ONLY_READS \
    "this transaction only reads: begin it in another mode to write"

// Asks the driver whether a transaction is open; when it is not, all handles
// are over. Returns what the driver said.
int dbc__txn_notice(dbc_conn *conn);

// Ends all handles deeper than `depth`.
void dbc__txn_close_above(dbc_conn *conn, int depth);

#endif
