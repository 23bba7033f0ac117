// The shop with a database in which its users are, and a query to be built.
#ifndef DBC_SPEC_SHOP_SESSION_H
#define DBC_SPEC_SHOP_SESSION_H

#include "shop.h"
#include "sqlite_session.h"

typedef struct shop_session {
    sqlite_session session;
    shop shop;
    dbc_query *query; // empty
    dbc_conn *conn;   // of the session
} shop_session;

// Returns 0, or -1 as a set-up of cmocka does.
int shop_session_open(shop_session *out);
void shop_session_close(shop_session *held);

// For fault walks: an empty query and a connection to a database of its own
// with an empty table of users, all of it with `alloc`. DBC_OK or what went
// wrong; shop_stop() is due after either.
typedef struct shop_task {
    dbc_query *query;
    dbc_conn *conn;
} shop_task;

int shop_start(shop_task *out, const dbc_alloc *alloc);
void shop_stop(shop_task *held);

#endif
