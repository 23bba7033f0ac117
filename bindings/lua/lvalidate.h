// What a row breaks, as Lua sees it: err.fields of an error, and validate().
#ifndef DBC_LVALIDATE_H
#define DBC_LVALIDATE_H

#include "lerror.h"

// Gives the error object on the top its `fields`: all that the last write on
// `conn` broke. When that failed for another reason it does nothing.
void lvalidate_add_fields(lua_State *L, dbc_conn *conn);

// native.validate.
void lvalidate_open(lua_State *L, int core, int module);

#endif
