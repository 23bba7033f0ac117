// Catalogs as Lua values: what a database holds, or what is wanted of it.
#ifndef DBC_LCATALOG_H
#define DBC_LCATALOG_H

#include "lbox.h"

typedef struct lcatalog {
    lbox head;
    dbc_catalog *catalog; // owned
} lcatalog;

// The catalog at `index`. Raises when it is none.
const dbc_catalog *lcatalog_check(lua_State *L, int index);

// Metatable of catalogs; catalog(conn), catalog_of(conn, schema or text).
void lcatalog_open(lua_State *L, int core, int module);

#endif
