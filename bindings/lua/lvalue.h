// Values between Lua and dbcore, both ways, exactly: 64-bit integers, doubles,
// text that may hold NUL, blobs, booleans, JSON as tables, the user's codecs.
#ifndef DBC_LVALUE_H
#define DBC_LVALUE_H

#include "lbox.h"

// Reads the Lua value at `index` as it is: nil is refused (raises `invalid`
// and calls the thing `what`), dbcore.null is NULL, number, string, boolean.
// Strings are borrowed from the stack slot. Anything else raises.
dbc_value lvalue_read(lua_State *L, int index, const char *what);

// The same for a place of a known type: encodes JSON (any Lua value) and
// CUSTOM (the codec's encode). When that makes a new string it replaces the
// value at `index`, so that the view stays good as long as the slot. The
// value is then checked and stored by dbc_column_encode() when `column` is
// given. `column` may be NULL, `type` may be DBC_T_ANY.
dbc_value lvalue_encode(lua_State *L, int index, dbc_type type,
                        const dbc_column *column, const char *what);

// The same without the check by the column, for values that the core checks
// itself: named arguments and the slots of an insert.
dbc_value lvalue_prepare(lua_State *L, int index, dbc_type type,
                         const dbc_column *column, const char *what);

typedef enum lvalue_trial {
    LVALUE_RAISED, // what a codec raises goes on
    LVALUE_TRIED   // and here it is a value that does not fit
} lvalue_trial;

// The value at `index` as it is to be written into `column`, not checked yet.
// What no column takes becomes DBC_FOREIGN with its description, so that the
// row is refused with everything else that is wrong with it. May replace the
// value at `index`, on which the view depends.
void lvalue_given(lua_State *L, dbc_value *out, int index,
                  const dbc_column *column, lvalue_trial trial);

// Pushes one stored value as what its type says. NULL is pushed as nil, or as
// dbcore.null when `nulls`. `type` and `codec` come from the dbc_output.
void lvalue_push(lua_State *L, const dbc_value *value, dbc_type type,
                 uint32_t codec, int nulls);

#endif
