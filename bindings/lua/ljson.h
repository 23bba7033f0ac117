// JSON between text and Lua values, both ways.
#ifndef DBC_LJSON_H
#define DBC_LJSON_H

#include <lua.h>

// JSON text of the Lua value at `index`: pushes the string. Keys sorted,
// integers and doubles exact, dbcore.null is null, an empty table is {} unless
// dbcore.array marked it. Raises `invalid` for functions, cycles, NaN, mixed
// tables, invalid UTF-8, depth over 200.
void ljson_encode(lua_State *L, int index);

// Parses JSON text and pushes the value. Raises `corrupt` when it is none,
// when an integer does not fit in 64 bits, or when it is deeper than 200.
void ljson_decode(lua_State *L, const char *text, size_t len);

// Makes the metatable of documents.
void ljson_open(lua_State *L, int core);

#endif
