// Expression boxes: made at their final size, filled, sealed. They have no
// finalizer, since all of an expression lies in the box.
#include "lexpr.h"

#include <string.h>

#include "lerror.h"
#include "lfunc.h"
#include "lmethod.h"
#include "lsearch.h"
#include "ltable.h"

enum { SPARE_NODES = 4 };

// Boxes.

static inline lexpr *new_box(lua_State *L, const dbc_query_size *size,
                             uint32_t spare, dbc_error *err, int values)
{
    dbc_query_size room = {size->nodes + spare, size->values, size->names,
                           size->bytes};
    lexpr *expr =
        lbox_new_raw(L, LBOX_EXPR, sizeof *expr + dbc_query_room(room), values);

    expr->query = dbc_query_place(expr + 1, room, err);
    expr->base.anchor = NULL;
    expr->call = NULL;
    return expr;
}

lexpr *lexpr_new(lua_State *L, const dbc_query_size *size, dbc_error *err)
{
    return new_box(L, size, SPARE_NODES, err, LEXPR_VALUES);
}

lexpr *lexpr_new_exact(lua_State *L, const dbc_query_size *size, dbc_error *err)
{
    return new_box(L, size, 0, err, LEXPR_VALUES);
}

lexpr *lexpr_new_call(lua_State *L, const dbc_query_size *size, dbc_error *err)
{
    return new_box(L, size, SPARE_NODES, err, LEXPR_CALL_VALUES);
}

void lexpr_finish(lua_State *L, lexpr *expr, dbc_error *err)
{
    if (dbc_query_seal(expr->query) < 0) lerror_raise(L, err, NULL, 0);
}

void lexpr_refuse_bare(lua_State *L)
{
    lerror_fail(L, DBC_EINVALID,
                "a case needs at least one :when(condition, value)");
}

const lexpr *lexpr_self(lua_State *L, const char *method)
{
    const lexpr *expr = lbox_test(L, 1, LBOX_EXPR);
    lbox_words words;

    if (!expr)
        lerror_fail(L, DBC_EINVALID,
                    "%s is a method of an expression, called with a colon: "
                    "users.name:%s(…); got %s",
                    method, method, lbox_describe(L, 1, &words));
    if (!expr->query) lexpr_refuse_bare(L);
    return expr;
}

const char *lexpr_check_text(lua_State *L, int index, const char *method,
                             const char *what)
{
    lbox_words words;
    size_t len;

    if (lua_type(L, index) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "%s takes %s, got %s", method, what,
                    lbox_describe(L, index, &words));
    const char *text = lua_tolstring(L, index, &len);
    if (strlen(text) != len)
        lerror_fail(L, DBC_EINVALID, "%s takes %s, got one with a NUL byte",
                    method, what);
    return text;
}

// Leaves "a, b, c" on the stack.
static const char *push_list(lua_State *L, const char *const *words,
                             size_t count)
{
    luaL_Buffer list;

    luaL_buffinit(L, &list);
    for (size_t i = 0; i < count; i++) {
        if (i) luaL_addstring(&list, ", ");
        luaL_addstring(&list, words[i]);
    }
    luaL_pushresult(&list);
    return lua_tostring(L, -1);
}

dbc_type lexpr_check_type(lua_State *L, int index, const char *method)
{
    static const char *const words[] = {
#define TYPE_WORD(name, word, sql) word,
        DBC_TYPE_MAP(TYPE_WORD)
#undef TYPE_WORD
    };
    const char *word = lexpr_check_text(L, index, method, "the name of a type");
    int type = dbc_type_from_word(word);
    lbox_words hint;

    if (type < 0)
        lerror_fail(L, DBC_EINVALID,
                    "%s: there is no type \"%.40s\", only %s%s", method, word,
                    push_list(L, words, sizeof words / sizeof *words),
                    lbox_suggest_name(words, sizeof words / sizeof *words, word,
                                      strlen(word), &hint));
    return (dbc_type)type;
}

void lexpr_register(lua_State *L, int core, const char *name,
                    lua_CFunction function, const void *form)
{
    lua_pushvalue(L, core);
    // A light userdata has no const; nobody writes through it.
    lua_pushlightuserdata(L, (void *)form);
    lua_pushcclosure(L, function, 2);
    lua_setfield(L, -2, name);
}

void lexpr_open(lua_State *L, int core, int module)
{
    core = lua_absindex(L, core);
    module = lua_absindex(L, module);
    lmethod_push_metatable(L, core);
    lua_rawseti(L, core, LBOX_EXPR);
    lfunc_open(L, core, module);
    lsearch_open(L, core, module);
}
