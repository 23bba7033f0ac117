// Prepared queries: a handle that keeps its statement between runs.
#ifndef DBC_LPREPARED_H
#define DBC_LPREPARED_H

#include "lbox.h"

enum {
    LPREPARED_UV_QUERY = 1, // the query box
    LPREPARED_UV_HANDLE,    // connection or transaction
    LPREPARED_UV_CONN,      // the connection box
    LPREPARED_VALUES = LPREPARED_UV_CONN
};

typedef struct lprepared {
    lbox head;
    dbc_stmt *stmt;     // on loan, from the first run on; or NULL
    struct lconn *conn; // the box in LPREPARED_UV_CONN
    int is_busy;        // its statement is being read
    int is_plain;       // its parameters are, see largs_are_plain()
    int is_closed;
} lprepared;

// Adds prepare() to the methods of queries on the top.
void lprepared_methods(lua_State *L, int core);

void lprepared_open(lua_State *L, int core);

#endif
