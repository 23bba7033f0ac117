// Expressions: a column, a condition, a function call, as values. A box holds
// one small dbc_query whose root is the expression.
#ifndef DBC_LEXPR_H
#define DBC_LEXPR_H

#include "lanchor.h"
#include "loperand.h"

enum {
    LEXPR_UV_ANCHOR = LANCHOR_UV,
    LEXPR_VALUES = LEXPR_UV_ANCHOR,
    // What some calls remember, to be said differently by the next method:
    LEXPR_UV_PARTS, // the argument of an aggregate; the branches of a case
    LEXPR_CALL_VALUES = LEXPR_UV_PARTS
};

typedef struct lexpr {
    lanchored base;
    dbc_query *query; // right behind, in the same block; NULL: a case() bare
    const char *call; // NULL; else LEXPR_UV_PARTS counts: an aggregate's name
} lexpr;

// A new expression box with room for `size` plus four nodes; on the top of the
// stack, its query empty and unsealed, failures going to `err`.
lexpr *lexpr_new(lua_State *L, const dbc_query_size *size, dbc_error *err);

// The same for those who have measured every node they add.
lexpr *lexpr_new_exact(lua_State *L, const dbc_query_size *size,
                       dbc_error *err);

// As lexpr_new(), with LEXPR_UV_PARTS.
lexpr *lexpr_new_call(lua_State *L, const dbc_query_size *size, dbc_error *err);

// Seals it, or raises what went wrong.
void lexpr_finish(lua_State *L, lexpr *expr, dbc_error *err);

// Raises that a case without branches is no expression yet.
void lexpr_refuse_bare(lua_State *L);

// The expression at 1 whose method `method` was called. Raises.
const lexpr *lexpr_self(lua_State *L, const char *method);

// The option or argument at `index` as text without NUL, for `method`.
const char *lexpr_check_text(lua_State *L, int index, const char *method,
                             const char *what);

// The value type named by the string at `index`: "integer".
dbc_type lexpr_check_type(lua_State *L, int index, const char *method);

// Adds a C closure with upvalues core, `form` to the table on the top.
void lexpr_register(lua_State *L, int core, const char *name,
                    lua_CFunction function, const void *form);

// Methods of expressions and operators; functions such as count and lower.
void lexpr_open(lua_State *L, int core, int module);

#endif
