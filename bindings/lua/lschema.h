// Schemas as Lua values: tables and relations that belong together.
#ifndef DBC_LSCHEMA_H
#define DBC_LSCHEMA_H

#include "lbox.h"

typedef struct lschema {
    lbox head;
    const dbc_schema *schema; // one reference
} lschema;

enum {
    LSCHEMA_UV_TABLES = 1, // name → descriptor
    LSCHEMA_UV_RELATIONS,  // the list that was given
    LSCHEMA_VALUES = LSCHEMA_UV_RELATIONS
};

// Pushes the schema box of the handle at `index`, or nil when it is none.
void lschema_push_of(lua_State *L, int index);

// Pushes the descriptor of the table named `name` in the schema box at
// `schema`. Raises with the nearest one.
void lschema_push_table(lua_State *L, int schema, const char *name, size_t len);

// Metatable of schemas; schema, describe.
void lschema_open(lua_State *L, int core, int module);

#endif
