// The mock driver for specs in Lua: a script of answers and a log.
#ifndef DBC_LMOCK_H
#define DBC_LMOCK_H

#include "lbox.h"

typedef struct lmock {
    lbox head;
    dbc_mock *mock; // owned; NULL when it is over
    int users;      // connections that are open with it
    int is_dropped; // collected: the last of them frees it
} lmock;

// One connection more, and one less (NULL is allowed).
void lmock_join(lmock *box);
void lmock_leave(lmock *box);

void lmock_open(lua_State *L, int core, int module);

#endif
